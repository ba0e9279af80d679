/* Faults of a hypervisor in flushing what it has cached for its guest. */
#include "tlb.h"
#include "../lib/vmx.h"

#define VPID_HERE 5
#define CR4_PGE 0x80
#define OTHER_VPID 6
#define TABLE_RIGHTS (EPT_RWX | EPT_USER_X | EPT_ACCESSED)
#define LEAF_RIGHTS (EPT_WB | EPT_RWX | EPT_USER_X)
#define SINGLE_CONTEXT 1
#define ALL_CONTEXTS 2
#define RETAINING_GLOBALS 3
#define APIC 0xfee00000
#define APIC_COMMAND 0x300
#define APIC_SPURIOUS 0xf0
#define SEND_INIT_TO_OTHERS 0xc4500
#define SEND_STARTUP_TO_OTHERS 0xc4600
#define TRAMPOLINE 0x8000
#define ROUNDS 3

#define READ_FAR CODE("movabs $0x8000000000, %%rax; mov (%%rax), %%rbx")
#define READ_WINDOW CODE("mov $0x40000000, %%eax; mov (%%rax), %%rbx")
#define READ_WINDOW_1 CODE("mov $0x40001000, %%eax; mov (%%rax), %%rbx")

static u64 other_pml4[512] FRAME, other_window[512] FRAME;

/* What the guest has in RBX in the end; no value is as large as 0x100000000 + an exit reason. */
static u64 see(const u8 *code)
{
    guest.rbx = 0;
    vmwrite(GUEST_RIP, (u64)code);
    u32 reason = vmx_resume();
    return reason == REASON_VMCALL ? guest.rbx : 0x100000000 | reason;
}

OUT_OF_LINE static void flush_ept(u64 type, u64 eptp)
{
    u64 descriptor[2] = {eptp, 0};
    asm volatile("invept %0, %1" ::"m"(descriptor), "r"(type) : "cc", "memory");
}

OUT_OF_LINE static void flush_vpid(u64 type, u64 vpid, u64 gla)
{
    u64 descriptor[2] = {vpid, gla};
    asm volatile("invvpid %0, %1" ::"m"(descriptor), "r"(type) : "cc", "memory");
}

/* A guest with VPID; FAR is mapped by tables that it shares with its host. */
static void begin_linear(u64 flags)
{
    vmx_reset();
    vmx_set(SECONDARY_ENABLE_VPID);
    vmwrite(VPID, VPID_HERE);
    far_init(flags);
}

/* The same with EPT; the first page of the window is old_frame. */
static void begin_ept(void)
{
    begin_linear(PRESENT);
    ept_init();
    ept_window[0] = (u64)old_frame | LEAF_RIGHTS;
}

static u64 ept_leaf(int fixed)
{
    begin_ept();
    see(READ_WINDOW);
    change_entry(ept_window, (u64)new_frame | LEAF_RIGHTS);
    if (fixed)
        flush_ept(SINGLE_CONTEXT, ept_pointer());
    reuse_old_frame();
    return see(READ_WINDOW);
}

/* The guest itself changes its page table. */
static u64 guest_pte(int fixed)
{
    begin_ept();
    guest.rdx = (u64)far_table;
    guest.rcx = (u64)new_frame | PRESENT;
    guest.rsi = (u64)old_frame;
    if (fixed)
        return see(CODE("movabs $0x8000000000, %%rax; mov (%%rax), %%rbx; mov %%rcx, (%%rdx);"
                        "invlpg (%%rax); movq $0x303, (%%rsi); mov (%%rax), %%rbx"));
    return see(CODE("movabs $0x8000000000, %%rax; mov (%%rax), %%rbx; mov %%rcx, (%%rdx);"
                    "movq $0x303, (%%rsi); mov (%%rax), %%rbx"));
}

static u64 invvpid_globals(int fixed)
{
    begin_linear(PRESENT | GLOBAL_PAGE);
    vmwrite(GUEST_CR4, vmread(GUEST_CR4) | CR4_PGE);
    see(READ_FAR);
    change_entry(far_table, (u64)new_frame | PRESENT | GLOBAL_PAGE);
    flush_vpid(fixed ? SINGLE_CONTEXT : RETAINING_GLOBALS, VPID_HERE, 0);
    reuse_old_frame();
    return see(READ_FAR);
}

static u64 invvpid_address(int fixed)
{
    begin_linear(PRESENT);
    see(READ_FAR);
    change_entry(far_table, (u64)new_frame | PRESENT);
    flush_vpid(0, VPID_HERE, fixed ? FAR : FAR + 4096);
    reuse_old_frame();
    return see(READ_FAR);
}

static u64 invvpid_other(int fixed)
{
    begin_linear(PRESENT);
    see(READ_FAR);
    change_entry(far_table, (u64)new_frame | PRESENT);
    flush_vpid(SINGLE_CONTEXT, fixed ? VPID_HERE : OTHER_VPID, 0);
    reuse_old_frame();
    return see(READ_FAR);
}

static u64 invvpid_for_ept(int fixed)
{
    begin_ept();
    see(READ_WINDOW);
    change_entry(ept_window, (u64)new_frame | LEAF_RIGHTS);
    if (fixed)
        flush_ept(SINGLE_CONTEXT, ept_pointer());
    else
        flush_vpid(SINGLE_CONTEXT, VPID_HERE, 0);
    reuse_old_frame();
    return see(READ_WINDOW);
}

/* Without EPT: the guest's mappings are linear ones. */
static u64 invept_for_vpid(int fixed)
{
    begin_linear(PRESENT);
    see(READ_FAR);
    change_entry(far_table, (u64)new_frame | PRESENT);
    if (fixed)
        flush_vpid(SINGLE_CONTEXT, VPID_HERE, 0);
    else
        flush_ept(ALL_CONTEXTS, 0);
    reuse_old_frame();
    return see(READ_FAR);
}

/* Two EPT pointers, one VPID. */
static u64 other_eptp(int fixed)
{
    begin_ept();
    other_pml4[0] = ept_pml4[0];
    see(READ_WINDOW);
    change_entry(ept_window, (u64)new_frame | LEAF_RIGHTS);
    flush_ept(SINGLE_CONTEXT, fixed ? ept_pointer() : ((u64)other_pml4 | 3 << 3 | 6));
    reuse_old_frame();
    return see(READ_WINDOW);
}

/* The same VPID under two EPT pointers, and a page table of the guest that its host changes. */
static u64 shared_vpid(int fixed)
{
    begin_ept();
    other_pml4[0] = ept_pml4[0];
    see(READ_FAR);
    vmwrite(EPTP, (u64)other_pml4 | 3 << 3 | 6);
    change_entry(far_table, (u64)new_frame | PRESENT);
    if (fixed)
        flush_vpid(SINGLE_CONTEXT, VPID_HERE, 0);
    else
        flush_ept(SINGLE_CONTEXT, (u64)other_pml4 | 3 << 3 | 6);
    reuse_old_frame();
    vmwrite(EPTP, ept_pointer());
    return see(READ_FAR);
}

/* A table of the EPT is taken out and written to as something else. */
static u64 freed_ept_table(int fixed)
{
    begin_ept();
    other_window[1] = (u64)new_frame | LEAF_RIGHTS;
    ept_window[1] = 0;
    see(READ_WINDOW);
    u64 *directory = (u64 *)(ept_pdpt[WINDOW_GPA >> 30] & ~0xfffull);
    change_entry(directory, (u64)other_window | TABLE_RIGHTS);
    if (fixed)
        flush_ept(SINGLE_CONTEXT, ept_pointer());
    change_entry(ept_window + 1, (u64)old_frame | LEAF_RIGHTS);
    return see(READ_WINDOW_1);
}

/* The APIC-access page moves: the VMCS and the EPT name another one. */
static u64 apic_access(int fixed)
{
    begin_ept();
    vmx_set(SECONDARY_VIRTUALIZE_APIC_ACCESSES);
    vmwrite(APIC_ACCESS_ADDR, (u64)old_frame);
    see(READ_WINDOW);
    vmwrite(APIC_ACCESS_ADDR, (u64)new_frame);
    change_entry(ept_window, (u64)new_frame | LEAF_RIGHTS);
    if (fixed)
        flush_ept(SINGLE_CONTEXT, ept_pointer());
    return see(READ_WINDOW);
}

/* After an EPT violation nothing is cached of the page. */
static u64 redundant(int fixed)
{
    begin_ept();
    ept_window[0] = 0;
    see(READ_WINDOW);
    change_entry(ept_window, (u64)new_frame | LEAF_RIGHTS);
    if (!fixed)
        flush_ept(SINGLE_CONTEXT, ept_pointer());
    return see(READ_WINDOW);
}

extern const u8 ap_start[], ap_start_end[];
static volatile u32 rounds, prepared;
static volatile u64 last_seen;

/* The second processor runs a guest that reads two pages of the window again and again. */
void ap_main(unsigned cpu)
{
    traps_load();
    if (cpu != 1)
        return;
    vmx_on(1);
    begin_ept();
    ept_window[0] = 0;
    prepared = 1;
    for (;;) {
        invept_all();
        last_seen = see(CODE("mov $0x40001000, %%eax; mov (%%rax), %%rbx; mov $0x40000000, %%eax;"
                             "mov (%%rax), %%rbx"));
        rounds++;
    }
}

static inline __attribute__((always_inline)) void wait_rounds(void)
{
    for (u32 end = rounds + ROUNDS; (int)(rounds - end) < 0;)
        asm volatile("pause");
}

/* Above 4 GiB, where no memory is: both halves matter. */
OUT_OF_LINE static void store_halves(volatile u32 *entry, int fixed)
{
    if (fixed) {
        entry[1] = 1;
        wait_rounds();
        entry[0] = (u32)(u64)old_frame | LEAF_RIGHTS;
    } else {
        entry[0] = (u32)(u64)old_frame | LEAF_RIGHTS;
        wait_rounds();
        entry[1] = 1;
    }
}

static u64 torn(int fixed)
{
    memcpy((void *)TRAMPOLINE, ap_start, (word)(ap_start_end - ap_start));
    volatile u32 *spurious = (volatile u32 *)(APIC + APIC_SPURIOUS);
    volatile u32 *command = (volatile u32 *)(APIC + APIC_COMMAND);
    *spurious = 0x1ff;
    *command = SEND_INIT_TO_OTHERS;
    *command = SEND_STARTUP_TO_OTHERS | TRAMPOLINE >> 12;
    while (!prepared)
        asm volatile("pause");
    wait_rounds();
    store_halves((volatile u32 *)ept_window, fixed);
    wait_rounds();
    return last_seen;
}

unsigned guest_main(u32 boot_info)
{
    static const struct tlb_case cases[] = {
        {"ept-leaf", ept_leaf},
        {"guest-pte", guest_pte},
        {"invvpid-globals", invvpid_globals},
        {"invvpid-address", invvpid_address},
        {"invvpid-other", invvpid_other},
        {"invvpid-for-ept", invvpid_for_ept},
        {"invept-for-vpid", invept_for_vpid},
        {"other-eptp", other_eptp},
        {"shared-vpid", shared_vpid},
        {"freed-ept-table", freed_ept_table},
        {"apic-access", apic_access},
        {"redundant", redundant},
        {"torn", torn},
    };
    traps_init();
    vmx_on(0);
    return run_case(boot_info, cases, sizeof cases / sizeof cases[0]);
}
