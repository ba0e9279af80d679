/* The functions that the compiler itself may call. */
#include "guest.h"

void *memset(void *to, int value, word bytes)
{
    void *start = to;
    asm volatile("rep stosb" : "+D"(to), "+c"(bytes) : "a"(value) : "memory");
    return start;
}

void *memcpy(void *to, const void *from, word bytes)
{
    void *start = to;
    asm volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(bytes)::"memory");
    return start;
}

int memcmp(const void *a, const void *b, word bytes)
{
    const u8 *x = a, *y = b;
    for (; bytes; bytes--, x++, y++)
        if (*x != *y)
            return *x - *y;
    return 0;
}

word strlen(const char *text)
{
    word length = 0;
    while (text[length])
        length++;
    return length;
}
