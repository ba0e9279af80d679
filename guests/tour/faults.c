/* Exceptions of several kinds, each taken and recovered from. */
#include "tour.h"

/* What the last exception was; the asm below leaves in resume_at where to go on after it. */
static volatile struct {
    u64 vector, error, address, count;
} caught;
word resume_at;

static u8 frame_memory[4096] __attribute__((aligned(4096)));

static u64 read_cr2(void)
{
    u64 address;
    asm volatile("mov %%cr2, %0" : "=r"(address));
    return address;
}

static void note(const struct frame *frame)
{
    caught.vector = frame->vector;
    caught.error = frame->error;
    caught.count++;
}

/* Goes on behind the instruction that failed. */
static void skip(struct frame *frame)
{
    note(frame);
    frame->rip = resume_at;
}

/* Goes on where the processor would go on by itself. */
static void carry_on(struct frame *frame)
{
    note(frame);
}

/* Gives the page what it lacks and lets the instruction be executed again. */
static void repair_page(struct frame *frame)
{
    note(frame);
    caught.address = read_cr2();
    window_set(frame_memory, PAGE_PRESENT | PAGE_WRITE);
    window_invalidate();
}

/* One instruction that fails, between the note of where to go on and that place. */
#define ATTEMPT(instruction)                                                                       \
    asm volatile("leaq 1f(%%rip), %%rax; movq %%rax, resume_at(%%rip);" instruction "; 1:" ::      \
                     : "rax", "rcx", "rdx", "memory", "cc")

static unsigned expect(const char *what, unsigned vector, u64 error)
{
    print("   %-44s vector %2lu, error 0x%lx: ", what, (word)caught.vector, (word)caught.error);
    return verdict(caught.vector == vector && caught.error == error);
}

static unsigned show_page_faults(void)
{
    unsigned failed = 0;
    trap_handle(14, repair_page);
    window_set(0, 0);
    window_invalidate();
    WINDOW[3] = 0x600d;
    failed += expect("#PF  store to a page that is not present", 14, 2);
    print("        at 0x%lx; the handler mapped it, the store was made again: ",
          (word)caught.address);
    failed += verdict(caught.address == (word)&WINDOW[3] && ((u32 *)frame_memory)[3] == 0x600d);
    window_set(frame_memory, PAGE_PRESENT);
    window_invalidate();
    WINDOW[4] = 0x0dd;
    failed += expect("#PF  store to a page that is read-only", 14, 3);
    return failed;
}

static unsigned show_single_steps(void)
{
    trap_handle(1, carry_on);
    caught.count = 0;
    asm volatile("pushfq; orl $0x100, (%%rsp); popfq;"
                 "nop; nop; nop; nop;"
                 "pushfq; andl $~0x100, (%%rsp); popfq" ::
                     : "memory", "cc");
    print("   %-44s %lu traps: ", "#DB  single steps through 7 instructions", (word)caught.count);
    return verdict(caught.count == 7);
}

unsigned show_faults(void)
{
    unsigned failed = 0;
    title("Faults, each taken and recovered from");
    trap_handle(0, skip);
    trap_handle(3, carry_on);
    trap_handle(6, skip);
    trap_handle(13, skip);
    trap_handle(11, skip);

    ATTEMPT("xorl %%ecx, %%ecx; xorl %%edx, %%edx; movl $1, %%eax; divl %%ecx");
    failed += expect("#DE  division of 1 by 0", 0, 0);
    ATTEMPT("int3");
    failed += expect("#BP  breakpoint", 3, 0);
    ATTEMPT("ud2");
    failed += expect("#UD  undefined opcode", 6, 0);
    ATTEMPT("movabsq $0x8000000000000000, %%rcx; movb (%%rcx), %%al");
    failed += expect("#GP  load from a non-canonical address", 13, 0);
    ATTEMPT("movl $0x1000, %%ecx; movl %%ecx, %%es");
    failed += expect("#GP  selector beyond the descriptor table", 13, 0x1000);
    failed += show_page_faults();
    return failed + show_single_steps();
}
