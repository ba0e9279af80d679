/* What every guest here uses: ports, the serial console, traps, the end of the run. */
#ifndef GUEST_H
#define GUEST_H

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
/* As wide as a register. */
typedef unsigned long word;

static inline void outb(u16 port, u8 value) { asm volatile("outb %0, %1" ::"a"(value), "Nd"(port)); }
static inline void outl(u16 port, u32 value) { asm volatile("outl %0, %1" ::"a"(value), "Nd"(port)); }
static inline u8 inb(u16 port)
{
    u8 value;
    asm volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}

/* Ends the run; the emulator's status is (code << 1) | 1. */
void guest_exit(u32 code) __attribute__((noreturn));

/* console.c: COM1, polled. */
void put_char(char c);
void put_text(const char *text);
/* Knows %s %c %u %x %lu %lx, with a width and 0 or - before it. */
void print(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* string.c */
void *memset(void *to, int value, word bytes);
void *memcpy(void *to, const void *from, word bytes);
int memcmp(const void *a, const void *b, word bytes);
word strlen(const char *text);

#endif
