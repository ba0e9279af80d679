/* The local APIC through its page, and instructions of guests that use it. */
#ifndef LOCAL_APIC_H
#define LOCAL_APIC_H

#include "../lib/guest.h"

#define APIC 0xfee00000
#define APIC_END 0xb0
#define APIC_SPURIOUS 0xf0
#define APIC_COMMAND 0x300
#define APIC_DESTINATION 0x310

static inline void apic_write(u32 offset, u32 value)
{
    *(volatile u32 *)(u64)(APIC + offset) = value;
}

static inline u32 apic_read(u32 offset)
{
    return *(volatile u32 *)(u64)(APIC + offset);
}

/* Takes one pending interrupt in the host; its handler signals the end. */
static inline void take_interrupts(void)
{
    asm volatile("sti; nop; nop; cli" ::: "memory");
}

/* In a guest: the processor sends itself a vector, or an NMI by its number 0. RDI is lost. */
#define SELF_IPI(vector) "mov $0xfee00300, %%edi; movl $(0x44000 + " #vector "), (%%rdi);"
#define SELF_NMI                                                                                   \
    "mov $0xfee00300, %%edi; movl $0, 0x10(%%rdi); movl $0x4400, (%%rdi);"
/* Some thousand instructions in which something may happen. RCX is lost. */
#define WAIT "mov $5000, %%ecx\n 1: dec %%ecx; jnz 1b;"

#endif
