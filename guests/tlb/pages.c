/* Faults in flushing linear translations, without VMX. */
#include "tlb.h"

#define CR4_PGE 0x80
#define CR4_PCIDE 0x20000
#define CR3_KEEP (1ull << 63)
#define APIC 0xfee00000
#define APIC_COMMAND 0x300
#define APIC_SPURIOUS 0xf0
#define SEND_INIT_TO_OTHERS 0xc4500
#define SEND_STARTUP_TO_OTHERS 0xc4600
#define TRAMPOLINE 0x8000

static void set_cr4(u64 bits)
{
    u64 cr4;
    asm volatile("mov %%cr4, %0" : "=r"(cr4));
    asm volatile("mov %0, %%cr4" ::"r"(cr4 | bits));
}

OUT_OF_LINE static void load_cr3(u64 value)
{
    asm volatile("mov %0, %%cr3" ::"r"(value) : "memory");
}

/* A page-table entry is changed, and its old frame gets another use. */
static u64 invlpg(int fixed)
{
    far_init(PRESENT);
    use_page(FAR);
    change_entry(far_table, (u64)new_frame | PRESENT);
    if (fixed)
        flush_page(FAR);
    reuse_old_frame();
    return use_page(FAR);
}

/* MOV to CR3 keeps global translations. */
static u64 global(int fixed)
{
    set_cr4(CR4_PGE);
    far_init(PRESENT | GLOBAL_PAGE);
    use_page(FAR);
    change_entry(far_table, (u64)new_frame | PRESENT | GLOBAL_PAGE);
    if (fixed)
        flush_page(FAR);
    else
        load_cr3((u64)pml4);
    reuse_old_frame();
    return use_page(FAR);
}

/* The entry is changed under one PCID, and bit 63 of CR3 keeps what the other has cached. */
static u64 pcid(int fixed)
{
    set_cr4(CR4_PCIDE);
    far_init(PRESENT);
    load_cr3((u64)pml4 | 1);
    use_page(FAR);
    load_cr3((u64)pml4 | 2);
    change_entry(far_table, (u64)new_frame | PRESENT);
    reuse_old_frame();
    load_cr3((u64)pml4 | 1 | (fixed ? 0 : CR3_KEEP));
    return use_page(FAR);
}

/* INVLPG reaches the current PCID alone. */
static u64 pcid_invlpg(int fixed)
{
    set_cr4(CR4_PCIDE);
    far_init(PRESENT);
    load_cr3((u64)pml4 | 1);
    use_page(FAR);
    load_cr3((u64)pml4 | 2);
    change_entry(far_table, (u64)new_frame | PRESENT);
    if (!fixed)
        flush_page(FAR);
    load_cr3((u64)pml4 | 1 | CR3_KEEP);
    if (fixed)
        flush_page(FAR);
    reuse_old_frame();
    return use_page(FAR);
}

/* A page table is taken out and written to as something else; an upper-level cache leads there. */
static u64 freed_table(int fixed)
{
    far_init(PRESENT);
    other_table[1] = (u64)new_frame | PRESENT;
    use_page(FAR);
    change_entry(far_directory, (u64)other_table | PRESENT);
    if (fixed)
        flush_page(FAR);
    /* What looks like an entry is data of the new owner. */
    change_entry(far_table + 1, (u64)old_frame | PRESENT);
    return use_page(FAR + 4096);
}

extern const u8 ap_start[], ap_start_end[];
static volatile int asked, answered;
static volatile u64 answer;

void ap_main(unsigned cpu)
{
    traps_load();
    for (int done = 0; cpu == 1;) {
        while (asked == done)
            asm volatile("pause");
        done = asked;
        if (done == 2)
            flush_page(FAR);
        else
            answer = use_page(FAR);
        answered = done;
    }
}

static void ask(int what)
{
    asked = what;
    while (answered != what)
        asm volatile("pause");
}

/* Two processors have cached the page, one flushes it. */
static u64 other_processor(int fixed)
{
    far_init(PRESENT);
    memcpy((void *)TRAMPOLINE, ap_start, (word)(ap_start_end - ap_start));
    volatile u32 *spurious = (volatile u32 *)(APIC + APIC_SPURIOUS);
    volatile u32 *command = (volatile u32 *)(APIC + APIC_COMMAND);
    *spurious = 0x1ff;
    *command = SEND_INIT_TO_OTHERS;
    *command = SEND_STARTUP_TO_OTHERS | TRAMPOLINE >> 12;
    ask(1);
    change_entry(far_table, (u64)new_frame | PRESENT);
    flush_page(FAR);
    if (fixed)
        ask(2);
    reuse_old_frame();
    ask(3);
    return answer;
}

unsigned guest_main(u32 boot_info)
{
    static const struct tlb_case cases[] = {
        {"invlpg", invlpg},
        {"global", global},
        {"pcid", pcid},
        {"pcid-invlpg", pcid_invlpg},
        {"freed-table", freed_table},
        {"other-processor", other_processor},
    };
    traps_init();
    return run_case(boot_info, cases, sizeof cases / sizeof cases[0]);
}
