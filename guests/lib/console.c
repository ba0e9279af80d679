/* Text on COM1, without interrupts. */
#include "guest.h"

#define COM1 0x3f8
#define LINE_STATUS (COM1 + 5)
#define TRANSMIT_EMPTY 0x20

void put_char(char c)
{
    while (!(inb(LINE_STATUS) & TRANSMIT_EMPTY))
        ;
    outb(COM1, (u8)c);
}

void put_text(const char *text)
{
    while (*text)
        put_char(*text++);
}

struct field {
    int width;
    int left;
    int zero;
};

static void pad(char c, int count)
{
    while (count-- > 0)
        put_char(c);
}

static void put_field(const char *text, int length, struct field field)
{
    if (!field.left)
        pad(field.zero ? '0' : ' ', field.width - length);
    for (int i = 0; i < length; i++)
        put_char(text[i]);
    if (field.left)
        pad(' ', field.width - length);
}

static void put_number(word value, unsigned base, struct field field)
{
    char digits[24];
    int at = sizeof digits;
    do {
        digits[--at] = "0123456789abcdef"[value % base];
        value /= base;
    } while (value);
    put_field(digits + at, (int)sizeof digits - at, field);
}

void print(const char *format, ...)
{
    __builtin_va_list args;
    __builtin_va_start(args, format);
    for (; *format; format++) {
        if (*format != '%') {
            put_char(*format);
            continue;
        }
        struct field field = {0, 0, 0};
        format++;
        for (;; format++) {
            if (*format == '-')
                field.left = 1;
            else if (*format == '0')
                field.zero = 1;
            else
                break;
        }
        for (; *format >= '0' && *format <= '9'; format++)
            field.width = field.width * 10 + (*format - '0');
        int is_long = *format == 'l';
        if (is_long)
            format++;
        if (*format == 's') {
            const char *text = __builtin_va_arg(args, const char *);
            put_field(text, (int)strlen(text), field);
        } else if (*format == 'c') {
            put_char((char)__builtin_va_arg(args, int));
        } else {
            word value = is_long ? __builtin_va_arg(args, word) : __builtin_va_arg(args, unsigned);
            put_number(value, *format == 'x' ? 16 : 10, field);
        }
    }
    __builtin_va_end(args);
}

void guest_exit(u32 code)
{
    outl(0xf4, code);
    for (;;)
        asm volatile("cli; hlt");
}
