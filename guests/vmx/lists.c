/* MSR lists of VM entries and VM exits, and entries that fail. */
#include "controls.h"

#define MSR_FS_BASE 0xc0000100
#define QUALIFICATION_PDPTE 2
#define QUALIFICATION_LINK 4

struct msr_entry {
    u32 index, reserved;
    u64 value;
};
static struct msr_entry entry_load[4] __attribute__((aligned(16)));
static struct msr_entry exit_load[4] __attribute__((aligned(16)));
static struct msr_entry exit_store[4] __attribute__((aligned(16)));
static u64 pdptes[4] __attribute__((aligned(4096)));

void list_steps(void)
{
    heading("MSR lists");
    STEP_OF("MSR lists", "KERNEL_GS_BASE loaded, stored, loaded");
    pass_msrs();
    wrmsr(MSR_KERNEL_GS_BASE, 0x1000);
    entry_load[0] = (struct msr_entry){MSR_KERNEL_GS_BASE, 0, 0x2000};
    exit_store[0] = (struct msr_entry){MSR_KERNEL_GS_BASE, 0, 0};
    exit_load[0] = (struct msr_entry){MSR_KERNEL_GS_BASE, 0, 0x4000};
    vmwrite(VMENTRY_MSR_LOAD_ADDR, (u64)entry_load);
    vmwrite(VMENTRY_MSR_LOAD_COUNT, 1);
    vmwrite(VMEXIT_MSR_STORE_ADDR, (u64)exit_store);
    vmwrite(VMEXIT_MSR_STORE_COUNT, 1);
    vmwrite(VMEXIT_MSR_LOAD_ADDR, (u64)exit_load);
    vmwrite(VMEXIT_MSR_LOAD_COUNT, 1);
    run(CODE(READ_MSR(0xc0000102) "mov %%rax, %%rbx; mov $0x3000, %%eax;" WRITE_MSR(0xc0000102)));
    exits(REASON_VMCALL);
    is("the guest reads", guest.rbx, 0x2000);
    is("stored", exit_store[0].value, 0x3000);
    is("the host reads", rdmsr(MSR_KERNEL_GS_BASE), 0x4000);
    wrmsr(MSR_KERNEL_GS_BASE, 0);
    end();
    STEP_OF("entry_fail_msr_load", "the second entry names FS_BASE");
    entry_load[1] = (struct msr_entry){MSR_FS_BASE, 0, 0};
    vmwrite(VMENTRY_MSR_LOAD_ADDR, (u64)entry_load);
    vmwrite(VMENTRY_MSR_LOAD_COUNT, 2);
    run(CODE("nop"));
    exits(ENTRY_FAILURE | REASON_ENTRY_FAIL_MSR_LOAD);
    is("qualification", vmread(EXIT_QUALIFICATION), 2);
    wrmsr(MSR_KERNEL_GS_BASE, 0);
    end();
    STEP_OF("entry_fail_msr_load", "reserved bits of the first entry");
    entry_load[0] = (struct msr_entry){MSR_KERNEL_GS_BASE, 1, 0};
    vmwrite(VMENTRY_MSR_LOAD_ADDR, (u64)entry_load);
    vmwrite(VMENTRY_MSR_LOAD_COUNT, 1);
    run(CODE("nop"));
    exits(ENTRY_FAILURE | REASON_ENTRY_FAIL_MSR_LOAD);
    is("qualification", vmread(EXIT_QUALIFICATION), 1);
    end();
}

static void fails_guest_state(const char *what, u32 field, u64 value, u64 qualification)
{
    STEP_OF("entry_fail_guest_state", what);
    vmwrite(field, value);
    run(CODE("nop"));
    exits(ENTRY_FAILURE | REASON_ENTRY_FAIL_GUEST_STATE);
    is("qualification", vmread(EXIT_QUALIFICATION), qualification);
    end();
}

static void fails(const char *what, u32 field, u64 value, unsigned error)
{
    STEP_OF("VM entry", what);
    vmwrite(field, value);
    run(CODE("nop"));
    exits(VM_FAIL | error);
    end();
}

/* Three of many checks each; npm test has all of them elsewhere. */
void failure_steps(void)
{
    heading("entries that fail");
    fails_guest_state("bit 1 of guest_rflags is 0", GUEST_RFLAGS, 0, 0);
    fails_guest_state("unusable TR", GUEST_TR_AR, AR_UNUSABLE, 0);
    fails_guest_state("vmcs_link_pointer 0x800", VMCS_LINK_POINTER, 0x800, QUALIFICATION_LINK);
    STEP_OF("entry_fail_guest_state", "a PDPTE with a reserved bit");
    vmx_guest32();
    vmwrite(GUEST_CR4, vmread(HOST_CR4));
    vmwrite(GUEST_CR3, (u64)pdptes);
    pdptes[1] = 1 | 1 << 1;
    run(CODE32("nop"));
    exits(ENTRY_FAILURE | REASON_ENTRY_FAIL_GUEST_STATE);
    is("qualification", vmread(EXIT_QUALIFICATION), QUALIFICATION_PDPTE);
    end();
    fails("host_cs_selector 0", HOST_CS_SELECTOR, 0, 8);
    fails("host_rip not canonical", HOST_RIP, 1ull << 60, 8);
    fails("injection of the reserved type 1", VMENTRY_INTR_INFO, 0x80000100, 7);
    STEP_OF("VM entry", "VMRESUME of a VMCS that is launched, after VMCLEAR");
    run(CODE("nop"));
    exits(REASON_VMCALL);
    vmclear((const void *)vmx_vmcs_address());
    vmptrld((const void *)vmx_vmcs_address());
    run(CODE("nop"));
    exits(VM_FAIL | 5);
    end();
}
