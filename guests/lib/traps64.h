/* Exceptions and interrupts in 64-bit mode. */
#ifndef TRAPS64_H
#define TRAPS64_H

#include "guest.h"

/* What an entry of traps64.S leaves on the stack. */
struct frame {
    u64 r15, r14, r13, r12, r11, r10, r9, r8, rbp, rdi, rsi, rdx, rcx, rbx, rax;
    u64 vector, error;
    u64 rip, cs, rflags, rsp, ss;
};

typedef void (*trap_handler)(struct frame *);

/* Loads the IDT; every vector without a handler ends the run with a message. */
void traps_init(void);
/* Loads the same IDT on a further processor. */
void traps_load(void);
void trap_handle(unsigned vector, trap_handler handler);

/* The 8259 pair: vectors 0x20-0x2f, all lines masked. */
#define PIC_VECTOR 0x20
void pic_init(void);
void pic_unmask(unsigned irq);
void pic_end(unsigned irq);

#endif
