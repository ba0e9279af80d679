/* Controls that change what a guest is: its modes and its time. */
#include "controls.h"

static u8 msr_bitmap[4096] PAGE;

void pass_msrs(void)
{
    memset(msr_bitmap, 0, sizeof msr_bitmap);
    vmx_set(PRIMARY_USE_MSR_BITMAPS);
    vmwrite(MSR_BITMAP, (u64)msr_bitmap);
}

static u64 rdtsc(void)
{
    u32 low, high;
    asm volatile("rdtsc" : "=a"(low), "=d"(high)::"memory");
    return low | (u64)high << 32;
}

/* RAX of the guest lies between what the host has read before and after, transformed. */
static void time_is(const char *name, const u8 *code, u64 factor, u64 offset)
{
    u64 before = rdtsc();
    run(code);
    u64 after = rdtsc(), seen = guest.rax;
    holds(name, seen >= before * factor + offset && seen <= after * factor + offset);
}

static void time_stamps(void)
{
    static const u64 ahead = 1ull << 44;
    const u8 *code = CODE("rdtsc; shl $32, %%rdx; or %%rdx, %%rax");
    const u8 *by_msr = CODE(READ_MSR(0x10));
    heading("the time-stamp counter");
    if (STEP("offset 2^44", PRIMARY_USE_TSC_OFFSETTING)) {
        vmwrite(TSC_OFFSET, ahead);
        pass_msrs();
        vmx_clear(PRIMARY_USE_TSC_OFFSETTING);
        when("without it");
        time_is("RDTSC is the host's time", code, 1, 0);
        vmx_set(PRIMARY_USE_TSC_OFFSETTING);
        when("with it");
        time_is("RDTSC is ahead by the offset", code, 1, ahead);
        time_is("RDMSR as well", by_msr, 1, ahead);
        end();
    }
    if (STEP("multiplier 3, offset 2^44", SECONDARY_USE_TSC_SCALING, PRIMARY_USE_TSC_OFFSETTING)) {
        vmwrite(TSC_OFFSET, ahead);
        vmwrite(TSC_MULTIPLIER, 3ull << 48);
        pass_msrs();
        time_is("RDTSC is thrice the host's time and the offset", code, 3, ahead);
        time_is("RDMSR as well", by_msr, 3, ahead);
        end();
    }
}

static void modes(void)
{
    heading("modes of the guest");
    /* INC EAX, or a REX prefix. */
    if (STEP("the byte 0x40 before NOP", ENTRY_IA32E_MODE_GUEST)) {
        when("64-bit guest");
        run(CODE("xor %%eax, %%eax; .byte 0x40; nop"));
        exits(REASON_VMCALL);
        is("RAX", guest.rax, 0);
        when("without it, 32-bit guest");
        vmx_guest32();
        run(CODE32("xor %%eax, %%eax; .byte 0x40; nop"));
        exits(REASON_VMCALL);
        is("RAX", guest.rax, 1);
        end();
    }
    if (STEP("0 in a host that runs in 64-bit mode", EXIT_HOST_ADDRESS_SPACE_SIZE)) {
        vmx_clear(EXIT_HOST_ADDRESS_SPACE_SIZE);
        run(CODE("nop"));
        exits(VM_FAIL | 8);
        end();
    }
    const u8 *real = CODE16("mov $0x1234, %%ax; mov %%ax, %%ds; smsw %%bx");
    if (STEP("real mode", SECONDARY_UNRESTRICTED_GUEST, SECONDARY_ENABLE_EPT)) {
        ept_init();
        vmx_real_guest(real);
        run(0);
        exits(REASON_VMCALL);
        is("base of DS", vmread(GUEST_DS_BASE), 0x12340);
        is("CR0.PE", guest.rbx & 1, 0);
        end();
    }
    if (STEP("protected mode without paging", SECONDARY_UNRESTRICTED_GUEST, SECONDARY_ENABLE_EPT)) {
        ept_init();
        vmx_guest32();
        vmwrite(GUEST_CR0, vmread(GUEST_CR0) & ~0x80000000ull);
        run(CODE32("mov %%cr0, %%eax; shr $31, %%eax"));
        exits(REASON_VMCALL);
        is("CR0.PG", guest.rax, 0);
        end();
    }
    if (STEP_OF("entry_fail_guest_state", "real mode without unrestricted_guest")) {
        vmx_real_guest(real);
        run(0);
        exits(ENTRY_FAILURE | REASON_ENTRY_FAIL_GUEST_STATE);
        is("qualification", vmread(EXIT_QUALIFICATION), 0);
        end();
    }
}

unsigned guest_main(u32 boot_info)
{
    (void)boot_info;
    outb(0x3fb, 3);
    traps_init();
    vmx_on(0);
    time_stamps();
    modes();
    transition_steps();
    list_steps();
    failure_steps();
    shadow_steps();
    return summary("vmx-controls");
}
