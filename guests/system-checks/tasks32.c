/* Task switches: what they load, save and mark, and what is wrong with a task. */
#include "checks32.h"

enum { LINK, ESP0, SS0, CR3 = 7, EIP, EFLAGS, EAX, ESP = 14, ES = 18, CS, SS, DS, FS, GS, LDT, TRAP };

extern u8 second_task[], fault_task_10[], fault_task_11[], fault_task_12[], fault_task_13[];
extern u8 fault_stack_top[];
volatile u32 second_eflags, second_tr, second_cr0, second_cr3, second_dr7;
static u32 fault_tss[4][32] __attribute__((aligned(128)));
static u8 second_stack[1024] __attribute__((aligned(16)));

static u32 type_of(u32 selector)
{
    return (u32)(gdt[selector / 8] >> 40) & 15;
}

static void make_task(u32 *task, u32 eip, u32 esp)
{
    for (unsigned i = 0; i < 26; i++)
        task[i] = 0;
    task[EIP] = eip;
    task[EFLAGS] = 2;
    task[ESP] = esp;
    task[ES] = task[SS] = task[DS] = task[FS] = task[GS] = task[SS0] = 0x10;
    task[CS] = 8;
    task[ESP0] = esp;
    task[LDT] = 0x78;
    task[TRAP] = 104 << 16;
}

static void make_second(void)
{
    make_task(second_tss, (u32)second_task, (u32)(second_stack + sizeof second_stack));
    gdt[0x88 / 8] = descriptor((u32)second_tss, 103, 0x89, 0);
}

static void make_faults(void)
{
    static u8 *const entries[] = {fault_task_10, fault_task_11, fault_task_12, fault_task_13};
    for (unsigned i = 0; i < 4; i++) {
        make_task(fault_tss[i], (u32)entries[i], (u32)fault_stack_top);
        gdt[0x100 / 8 + i] = descriptor((u32)fault_tss[i], 103, 0x89, 0);
        set_gate(10 + i, 0x100 + i * 8, 0, 0x85);
    }
}

/* Called in a fault task: the first task shall go on behind its check. */
void leave_fault_task(void)
{
    u32 *task = fault_tss[seen_vector - 10];
    u32 from = task[LINK] & 0xffff;
    u32 *interrupted = from == 0x80 ? tss : second_tss;
    seen_cs = from;
    seen_eip = from == 0x80 ? interrupted[EIP] - try_at : interrupted[EIP];
    tss[EIP] = resume_eip;
    tss[ESP] = resume_esp;
    tss[EFLAGS] = 2;
    tss[CS] = 8;
    tss[ES] = tss[SS] = tss[DS] = tss[FS] = tss[GS] = 0x10;
    tss[LDT] = 0x78;
    gdt[0x80 / 8] = descriptor((u32)tss, 32 * 4 + 2049 * 4 - 1, 0x89, 0);
}

static void report_task(const char *name)
{
    if (seen_vector != NONE)
        print("%-44s#%-2u error %04x in task %02x at %x, types %x %x\n", name, seen_vector,
              seen_error, seen_cs, seen_eip, type_of(0x80), type_of(0x88));
    else
        print("%-44sno exception, types %x %x link %x\n", name, type_of(0x80), type_of(0x88),
              second_tss[LINK] & 0xffff);
}

#define TRY_TASK(name, change, code)                                                               \
    do {                                                                                           \
        make_second();                                                                             \
        make_faults();                                                                             \
        begin();                                                                                   \
        change;                                                                                    \
        asm volatile("clts");                                                                      \
        asm volatile(MARK "77: " code RESTORE ::: CLOBBERED);                                      \
        report_task(name);                                                                         \
    } while (0)

#define CALL_TASK "lcall $0x88, $0"

static void show_second(void)
{
    print("   the task saw: TR %02x NT %u TS %u, saved EIP +%x\n", second_tr & 0xffff,
          second_eflags >> 14 & 1, second_cr0 >> 3 & 1, tss[EIP] - try_at);
    u32 flags;
    asm volatile("pushf; pop %0" : "=r"(flags));
    print("   back: NT %u\n", flags >> 14 & 1);
}

static void not_present(u32 selector, u32 type)
{
    gdt[selector / 8] = descriptor((u32)second_tss, 103, type, 0);
}

void task_checks(void)
{
    struct {
        u16 limit;
        u32 base;
    } __attribute__((packed)) g = {0x127, (u32)gdt};
    asm volatile("lgdt %0" ::"m"(g));
    print("-- task switches\n");
    TRY_TASK("CALL and IRET", (void)0, CALL_TASK);
    show_second();
    TRY_TASK("CALL through a task gate", (void)0, "lcall $0xc8, $0");
    show_second();
    set_gate(0x70, 0x88, 0, 0x85);
    TRY_TASK("INT through a task gate", (void)0, "int $0x70");
    show_second();
    TRY_TASK("JMP, busy", not_present(0x88, 0x8b), "ljmp $0x88, $0");
    TRY_TASK("CALL, busy", not_present(0x88, 0x8b), CALL_TASK);
    TRY_TASK("CALL, not present", not_present(0x88, 0x09), CALL_TASK);
    TRY_TASK("CALL, limit of 102", (void)0, "lcall $0x98, $0");
    TRY_TASK("CALL, of the LDT", (void)0, "lcall $0xc, $0");
    TRY_TASK("CALL, gate to a busy task", not_present(0x88, 0x8b), "lcall $0xc8, $0");
    TRY_TASK("IRET with NT, link to an available task", tss[LINK] = 0x88,
             "pushf; orl $0x4000, (%%esp); popf; iret");
    TRY_TASK("IRET with NT, null link", tss[LINK] = 0, "pushf; orl $0x4000, (%%esp); popf; iret");
    TRY_TASK("CALL, LDT is data", second_tss[LDT] = 0x10, CALL_TASK);
    TRY_TASK("CALL, LDT not present", second_tss[LDT] = 0xe8, CALL_TASK);
    TRY_TASK("CALL, LDT null", second_tss[LDT] = 0, CALL_TASK);
    TRY_TASK("CALL, CS null", second_tss[CS] = 0, CALL_TASK);
    TRY_TASK("CALL, CS is data", second_tss[CS] = 0x10, CALL_TASK);
    TRY_TASK("CALL, CS not present", second_tss[CS] = 0x70, CALL_TASK);
    TRY_TASK("CALL, CS of level 3, RPL 0", second_tss[CS] = 0x18, CALL_TASK);
    TRY_TASK("CALL, SS null", second_tss[SS] = 0, CALL_TASK);
    TRY_TASK("CALL, SS read-only", second_tss[SS] = 0x50, CALL_TASK);
    TRY_TASK("CALL, SS not present", second_tss[SS] = 0x68, CALL_TASK);
    TRY_TASK("CALL, SS of level 3", second_tss[SS] = 0x23, CALL_TASK);
    TRY_TASK("CALL, DS execute-only", second_tss[DS] = 0x58, CALL_TASK);
    TRY_TASK("CALL, ES not present", second_tss[ES] = 0x68, CALL_TASK);
    TRY_TASK("CALL, FS null", second_tss[FS] = 0, CALL_TASK);
    TRY_TASK("CALL, GS beyond the GDT", second_tss[GS] = 0x1000, CALL_TASK);
    TRY_TASK("CALL, EIP beyond the limit", (second_tss[CS] = 0x28, second_tss[EIP] = 0x10000),
             CALL_TASK);
    asm volatile("clts");
    for (unsigned vector = 10; vector < 14; vector++)
        set_gate(vector, 8, trap_entries[vector], 0x8e);
}
