/* One check of the 32-bit guest: an instruction that may fault, and a line about what happened. */
#ifndef CHECKS32_H
#define CHECKS32_H

#include "../lib/guest.h"

extern volatile u32 seen_vector, seen_error, seen_eip, seen_cs, seen_eflags, seen_cr2, seen_dr6;
extern u32 resume_eip, resume_esp, try_at;

#define NONE 0xffffffff
#define LEFT_USER 0x80

void report(const char *name);
void begin(void);

#define CLOBBERED "eax", "ebx", "ecx", "edx", "esi", "edi", "memory", "cc"
#define MARK "movl $78f, resume_eip; movl %%esp, resume_esp; movl $77f, try_at; "
#define RESTORE                                                                                    \
    "; 78: movl $0x10, %%eax; mov %%eax, %%ds; mov %%eax, %%es; mov %%eax, %%fs;"                  \
    "mov %%eax, %%gs; mov %%eax, %%ss; movl resume_esp, %%esp; cld"

/* `code` in ring 0. */
#define TRY(name, code)                                                                            \
    do {                                                                                           \
        begin();                                                                                   \
        asm volatile(MARK "77: " code RESTORE ::: CLOBBERED);                                      \
        report(name);                                                                              \
    } while (0)

/* `code` in ring 3 with EFLAGS `flags`; it ends by INT 0x80. */
#define TRY_USER(name, flags, code)                                                                \
    do {                                                                                           \
        begin();                                                                                   \
        asm volatile(MARK "pushl $0x23; pushl $user_stack_top; pushl $" #flags "; pushl $0x1b;"    \
                          "pushl $77f; movl $0x23, %%eax; mov %%eax, %%ds; mov %%eax, %%es; iret;" \
                          "77: " code "; int $0x80" RESTORE ::: CLOBBERED);                        \
        report(name);                                                                              \
    } while (0)

void segment_checks(void);
void gate_checks(void);
void task_checks(void);
void user_checks(void);
void debug_checks(void);
void paging_checks(void);

extern u64 gdt[64], ldt[8], idt[256];
extern u32 tss[32 + 2049];
extern u32 second_tss[32];
u64 descriptor(u32 base, u32 limit, u32 access, u32 flags);
void set_gate(unsigned vector, u32 selector, u32 offset, u32 type);
extern const u32 trap_entries[256];

#endif
