/* The TPR shadow, its threshold, and accesses to the APIC-access page. */
#include "apic.h"

extern u64 pml4[512];
u8 virtual_page[4096] PAGE, access_page[4096] PAGE;
static u64 tables[3][512] PAGE;

void use_apic_pages(void)
{
    memset(virtual_page, 0, sizeof virtual_page);
    memset(access_page, 0, sizeof access_page);
    pml4[1] = (u64)tables[0] | 7;
    tables[0][0] = (u64)tables[1] | 7;
    tables[1][0] = (u64)tables[2] | 7;
    tables[2][0] = (u64)access_page | 7;
    vmwrite(VIRTUAL_APIC_ADDR, (u64)virtual_page);
    vmwrite(APIC_ACCESS_ADDR, (u64)access_page);
}

u32 virtual_register(u32 offset)
{
    return *(volatile u32 *)(virtual_page + offset);
}

void set_virtual_register(u32 offset, u32 value)
{
    *(volatile u32 *)(virtual_page + offset) = value;
}

void set_vector(u32 offset, unsigned vector)
{
    offset += vector / 32 * 16;
    set_virtual_register(offset, virtual_register(offset) | 1u << vector % 32);
}

int has_vector(u32 offset, unsigned vector)
{
    return virtual_register(offset + vector / 32 * 16) >> vector % 32 & 1;
}

static void task_priority(void)
{
    heading("task priority");
    if (STEP("MOV to and from CR8", PRIMARY_USE_TPR_SHADOW)) {
        use_apic_pages();
        run(CODE("mov $5, %%ebx; mov %%rbx, %%cr8; mov %%cr8, %%rcx"));
        exits(REASON_VMCALL);
        is("RCX", guest.rcx, 5);
        is("virtual TPR", virtual_register(TPR), 0x50);
        is("TPR of the processor", apic_read(TPR), 0);
        end();
    }
    if (STEP_OF("tpr_below_threshold", "threshold 4, MOV of 4 to CR8, then of 3",
                PRIMARY_USE_TPR_SHADOW)) {
        use_apic_pages();
        set_virtual_register(TPR, 0x50);
        vmwrite(TPR_THRESHOLD, 4);
        const u8 *code = CODE("mov $4, %%ebx; mov %%rbx, %%cr8; dec %%ebx; mov %%rbx, %%cr8");
        run(code);
        exits(REASON_TPR_BELOW_THRESHOLD);
        is("virtual TPR", virtual_register(TPR), 0x30);
        is("RIP past start", vmread(GUEST_RIP) - (u64)code, 15);
        end();
    }
    if (STEP("the TPR shadow does not keep MOV to CR8 from exiting", PRIMARY_CR8_LOAD_EXITING,
             PRIMARY_USE_TPR_SHADOW)) {
        use_apic_pages();
        run(CODE("mov %%rax, %%cr8"));
        exits(REASON_CR_ACCESS);
        is("qualification", vmread(EXIT_QUALIFICATION), 8);
        end();
    }
    if (STEP_OF("tpr_below_threshold", "threshold 4 above the virtual TPR at the entry",
                PRIMARY_USE_TPR_SHADOW)) {
        use_apic_pages();
        vmwrite(TPR_THRESHOLD, 4);
        run(CODE("nop"));
        exits(VM_FAIL | 7);
        end();
    }
    if (STEP_OF("tpr_below_threshold", "the same where APIC accesses are virtualized",
                PRIMARY_USE_TPR_SHADOW, SECONDARY_VIRTUALIZE_APIC_ACCESSES)) {
        use_apic_pages();
        vmwrite(TPR_THRESHOLD, 4);
        const u8 *code = CODE("nop");
        run(code);
        exits(REASON_TPR_BELOW_THRESHOLD);
        is("RIP past start", vmread(GUEST_RIP) - (u64)code, 0);
        end();
    }
}

static void accesses(const u8 *load, const u8 *store)
{
    when("load");
    run(load);
    exits(REASON_APIC_ACCESS);
    is("qualification", vmread(EXIT_QUALIFICATION), 0x30);
    when("store");
    run(store);
    exits(REASON_APIC_ACCESS);
    is("qualification", vmread(EXIT_QUALIFICATION), 0x30 | ACCESS_WRITE);
}

static void access_steps(void)
{
    heading("the APIC-access page");
    const u8 *load = CODE(APIC_TEXT "mov 0x30(%%rax), %%ebx");
    const u8 *store = CODE(APIC_TEXT "mov %%ebx, 0x30(%%rax)");
    if (STEP("offset 0x30", SECONDARY_VIRTUALIZE_APIC_ACCESSES)) {
        use_apic_pages();
        accesses(load, store);
        when("without it");
        vmx_clear(SECONDARY_VIRTUALIZE_APIC_ACCESSES);
        run(load);
        exits(REASON_VMCALL);
        end();
    }
    if (STEP("TPR with the TPR shadow", SECONDARY_VIRTUALIZE_APIC_ACCESSES, PRIMARY_USE_TPR_SHADOW)) {
        use_apic_pages();
        run(CODE(APIC_TEXT "movl $0x70, 0x80(%%rax); mov 0x80(%%rax), %%ebx"));
        exits(REASON_VMCALL);
        is("RBX", guest.rbx, 0x70);
        is("virtual TPR", virtual_register(TPR), 0x70);
        end();
    }
    if (STEP_OF("apic_access", "8 bytes at the TPR", SECONDARY_VIRTUALIZE_APIC_ACCESSES,
                PRIMARY_USE_TPR_SHADOW)) {
        use_apic_pages();
        run(CODE(APIC_TEXT "mov 0x80(%%rax), %%rbx"));
        exits(REASON_APIC_ACCESS);
        is("qualification", vmread(EXIT_QUALIFICATION), 0x80);
        end();
    }
    if (STEP_OF("apic_access", "a stack there when the IDT delivers #UD",
                SECONDARY_VIRTUALIZE_APIC_ACCESSES)) {
        use_apic_pages();
        vmwrite(GUEST_RSP, 0x8000000800);
        run(CODE("ud2"));
        exits(REASON_APIC_ACCESS);
        is("type", vmread(EXIT_QUALIFICATION) >> 12 & 15, 3);
        is("IDT-vectoring", vmread(IDT_VECTORING_INFO), VALID | 0x306);
        end();
    }
    if (STEP("load of the ID, store to it", SECONDARY_APIC_REGISTER_VIRTUALIZATION,
             SECONDARY_VIRTUALIZE_APIC_ACCESSES, PRIMARY_USE_TPR_SHADOW)) {
        use_apic_pages();
        set_virtual_register(0x20, 0x12000000);
        const u8 *code = CODE(APIC_TEXT "mov 0x20(%%rax), %%ebx; mov %%eax, 0x20(%%rax); nop");
        run(code);
        exits(REASON_APIC_WRITE);
        is("qualification", vmread(EXIT_QUALIFICATION), 0x20);
        is("RBX", guest.rbx, 0x12000000);
        is("stored", virtual_register(0x20), 0);
        is("RIP past start", vmread(GUEST_RIP) - (u64)code, 16);
        when("offset 0xa0");
        run(CODE(APIC_TEXT "mov 0xa0(%%rax), %%ebx"));
        exits(REASON_APIC_ACCESS);
        is("qualification", vmread(EXIT_QUALIFICATION), 0xa0);
        end();
    }
}

/* The last step of the image: some emulators end here. */
static void fetch_step(void)
{
    heading("fetches");
    if (STEP_OF("apic_access", "jump into the page", SECONDARY_VIRTUALIZE_APIC_ACCESSES)) {
        use_apic_pages();
        run(CODE(APIC_TEXT "add $0x40, %%rax; jmp *%%rax"));
        exits(REASON_APIC_ACCESS);
        is("qualification", vmread(EXIT_QUALIFICATION), 0x40 | ACCESS_FETCH);
        end();
    }
}

unsigned guest_main(u32 boot_info)
{
    (void)boot_info;
    outb(0x3fb, 3);
    traps_init();
    pic_init();
    apic_write(APIC_SPURIOUS, 0x1ff);
    vmx_on(0);
    task_priority();
    access_steps();
    virtual_interrupt_steps();
    x2apic_steps();
    posted_steps();
    fetch_step();
    return summary("vmx-apic");
}
