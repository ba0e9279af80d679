/* Debug exceptions: single steps, breakpoints, and what they leave in DR6. */
#include "checks32.h"

#define SET_DR(number, value)                                                                      \
    do {                                                                                           \
        asm volatile("movl %0, %%db" #number ::"r"((u32)(value)));                                 \
    } while (0)

volatile u32 watched[4] __attribute__((aligned(16)));
extern u8 breakpoint[];

static void clear(void)
{
    SET_DR(7, 0x400);
    SET_DR(6, 0xffff0ff0);
}

void debug_checks(void)
{
    print("-- debug exceptions\n");
    clear();
    TRY("single step", "pushf; orl $0x100, (%%esp); popf; nop; nop; nop");
    clear();
    TRY("single step over MOV SS",
        "movl %%ss, %%eax; pushf; orl $0x100, (%%esp); popf; movl %%eax, %%ss; nop; nop");
    clear();
    TRY("single step of a taken jump", "pushf; orl $0x100, (%%esp); popf; jmp 1f; nop; 1: nop");
    clear();
    TRY("INT1", ".byte 0xf1");
    clear();
    SET_DR(0, watched);
    SET_DR(7, 0x000d0402);
    TRY("store to a watched doubleword", "movl %%eax, watched; nop; nop");
    clear();
    SET_DR(0, watched);
    SET_DR(7, 0x000d0402);
    TRY("store beside it", "movl %%eax, watched+4; nop");
    TRY("load from it", "movl watched, %%eax; nop");
    clear();
    SET_DR(0, watched);
    SET_DR(7, 0x000f0402);
    TRY("load, watched for both", "movl watched, %%eax; nop; nop");
    clear();
    SET_DR(1, (u32)watched + 2);
    SET_DR(7, 0x00500408);
    TRY("store that reaches into a watched word", "movl %%eax, watched; nop; nop");
    clear();
    SET_DR(0, breakpoint);
    SET_DR(7, 0x402);
    TRY("instruction breakpoint", "nop; breakpoint: nop; nop");
    clear();
    SET_DR(0, watched);
    SET_DR(7, 0x000d2402);
    TRY("MOV DR with GD", "movl %%db0, %%eax");
    clear();
    asm volatile("movl %%cr4, %%eax; orl $8, %%eax; movl %%eax, %%cr4" ::: "eax");
    TRY("MOV DR4 with DE", ".byte 0x0f, 0x21, 0xe0");
    SET_DR(0, 0x61);
    SET_DR(7, 0x00020402);
    TRY("IN from a watched port", "inb $0x61, %%al; nop; nop");
    clear();
    asm volatile("movl %%cr4, %%eax; andl $~8, %%eax; movl %%eax, %%cr4" ::: "eax");
    TRY("MOV DR4 without DE", ".byte 0x0f, 0x21, 0xe0");
    SET_DR(6, 0);
    u32 dr6;
    asm volatile("movl %%db6, %0" : "=r"(dr6));
    print("DR6 after a 0: %08x\n", dr6);
}
