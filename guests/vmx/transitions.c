/* State that VM entries load and VM exits save and load. */
#include "controls.h"

#define PAT_A 0x0007040600070406ull
#define PAT_B 0x0606060606060606ull
#define PAT_C 0x0404040404040404ull
#define EFER_SYSCALLS 1
#define EFER_NO_EXECUTE 0x800
#define BRANCH_STEPS 2
#define MSR_GS_BASE 0xc0000101

static u64 host_dr7(void)
{
    u64 value;
    asm volatile("mov %%db7, %0" : "=r"(value));
    return value;
}

static void load_debug_controls(const char *what, u32 field, const u8 *read, u64 plain, u64 value)
{
    if (vmx_fixed(ENTRY_LOAD_DEBUG_CONTROLS)) {
        say("cannot be 0");
    } else {
        when("without it");
        vmx_clear(ENTRY_LOAD_DEBUG_CONTROLS);
        vmwrite(field, value);
        run(read);
        is(what, guest.rax, plain);
        vmx_set(ENTRY_LOAD_DEBUG_CONTROLS);
    }
    when("with it");
    /* The exit may have saved over the field. */
    vmwrite(field, value);
    run(read);
    is(what, guest.rax, value);
    when("in the host");
}

static void save_debug_controls(const char *what, u32 field, const u8 *write, u64 plain, u64 value)
{
    if (vmx_fixed(EXIT_SAVE_DEBUG_CONTROLS)) {
        say("cannot be 0");
    } else {
        when("without it");
        vmx_clear(EXIT_SAVE_DEBUG_CONTROLS);
        run(write);
        is(what, vmread(field), plain);
        vmx_set(EXIT_SAVE_DEBUG_CONTROLS);
    }
    when("with it");
    run(write);
    is(what, vmread(field), value);
    end();
}

/* Tried in a guest, whose #GP is an exit. */
static int has_debugctl(void)
{
    pass_msrs();
    vmwrite(EXCEPTION_BITMAP, 1 << 13);
    run(CODE(READ_MSR(0x1d9)));
    vmwrite(EXCEPTION_BITMAP, 0);
    return needs((u16)vmread(EXIT_REASON) == REASON_VMCALL, "no IA32_DEBUGCTL");
}

static void debug_controls(void)
{
    heading("debug controls");
    if (STEP("guest_dr7 0x700", ENTRY_LOAD_DEBUG_CONTROLS)) {
        load_debug_controls("DR7", GUEST_DR7, CODE("mov %%db7, %%rax"), 0x400, 0x700);
        is("DR7", host_dr7(), 0x400);
        end();
    }
    if (STEP("guest_ia32_debugctl 2", ENTRY_LOAD_DEBUG_CONTROLS) && has_debugctl()) {
        load_debug_controls("DEBUGCTL", GUEST_IA32_DEBUGCTL, CODE(READ_MSR(0x1d9)), 0, BRANCH_STEPS);
        is("DEBUGCTL", rdmsr(MSR_DEBUGCTL), 0);
        end();
    }
    if (STEP("the guest sets DR7 to 0x500", EXIT_SAVE_DEBUG_CONTROLS))
        save_debug_controls("guest_dr7", GUEST_DR7, CODE("mov $0x500, %%eax; mov %%rax, %%db7"),
                            0x400, 0x500);
    if (STEP("the guest sets DEBUGCTL to 2", EXIT_SAVE_DEBUG_CONTROLS) && has_debugctl())
        save_debug_controls("guest_ia32_debugctl", GUEST_IA32_DEBUGCTL,
                            CODE("mov $2, %%eax;" WRITE_MSR(0x1d9)), 0, BRANCH_STEPS);
}

/* Loading and saving of one MSR by its three controls, with three values. */
struct switched {
    u32 msr;
    u16 entry_load, exit_save, exit_load;
    u32 guest_field, host_field;
    const char *what;
};

static void switches(const struct switched *s, u64 in_field, u64 by_guest, u64 for_host, const u8 *read,
                     const u8 *write)
{
    u64 before = rdmsr(s->msr);
    const u16 load[] = {s->entry_load, NO_CONTROL}, save[] = {s->exit_save, NO_CONTROL};
    const u16 host[] = {s->exit_load, NO_CONTROL};
    if (begin(0, s->what, load)) {
        pass_msrs();
        vmwrite(s->guest_field, in_field);
        vmx_clear(s->entry_load);
        when("without it");
        run(read);
        is("the guest reads", guest.rax, before);
        vmx_set(s->entry_load);
        when("with it");
        run(read);
        wrmsr(s->msr, before);
        is("the guest reads", guest.rax, in_field);
        end();
    }
    if (begin(0, s->what, save)) {
        pass_msrs();
        vmwrite(s->guest_field, in_field);
        vmx_clear(s->exit_save);
        guest.rax = by_guest;
        when("without it");
        run(write);
        is("the field is", vmread(s->guest_field), in_field);
        vmx_set(s->exit_save);
        guest.rax = by_guest;
        when("with it");
        run(write);
        wrmsr(s->msr, before);
        is("the field is", vmread(s->guest_field), by_guest);
        end();
    }
    if (begin(0, s->what, host)) {
        pass_msrs();
        vmwrite(s->host_field, for_host);
        vmx_clear(s->exit_load);
        guest.rax = by_guest;
        when("without it");
        run(write);
        is("the host reads", rdmsr(s->msr), by_guest);
        vmx_set(s->exit_load);
        guest.rax = by_guest;
        when("with it");
        run(write);
        is("the host reads", rdmsr(s->msr), for_host);
        wrmsr(s->msr, before);
        end();
    }
}

static void switched_msrs(void)
{
    static const struct switched pat = {
        MSR_PAT, ENTRY_LOAD_IA32_PAT, EXIT_SAVE_IA32_PAT, EXIT_LOAD_IA32_PAT,
        GUEST_IA32_PAT, HOST_IA32_PAT, "IA32_PAT",
    };
    static const struct switched efer = {
        MSR_EFER, ENTRY_LOAD_IA32_EFER, EXIT_SAVE_IA32_EFER, EXIT_LOAD_IA32_EFER,
        GUEST_IA32_EFER, HOST_IA32_EFER, "IA32_EFER",
    };
    heading("MSRs with controls of their own");
    wrmsr(MSR_PAT, PAT_A);
    switches(&pat, PAT_B, PAT_C, PAT_B, CODE(READ_MSR(0x277)), CODE(WRITE_MSR(0x277)));
    u64 plain = rdmsr(MSR_EFER);
    switches(&efer, plain | EFER_SYSCALLS, plain | EFER_NO_EXECUTE,
             plain | EFER_SYSCALLS | EFER_NO_EXECUTE, CODE(READ_MSR(0xc0000080)),
             CODE(WRITE_MSR(0xc0000080)));
}

/* What every VM exit sets in the host, whatever the guest had. */
static void host_state(void)
{
    struct {
        u16 limit;
        u64 base;
    } __attribute__((packed)) gdt, idt;
    u64 flags;
    heading("the host after an exit");
    STEP_OF("VM exit", "a guest with DF and AC set, in ring 3, limits 0x7f");
    vmwrite(GUEST_RFLAGS, 0x40402);
    vmwrite(GUEST_GDTR_LIMIT, 0x7f);
    vmwrite(GUEST_IDTR_LIMIT, 0x7f);
    vmwrite(HOST_GS_BASE, 0x123456789000);
    vmx_user_guest();
    run(CODE("nop"));
    asm volatile("pushf; pop %0; sgdt %1; sidt %2" : "=r"(flags), "=m"(gdt), "=m"(idt));
    exits(REASON_VMCALL);
    is("RFLAGS but for the status flags", flags & ~0x8d5ull, 2);
    is("GDT limit", gdt.limit, 0xffff);
    is("IDT limit", idt.limit, 0xffff);
    is("GS base", rdmsr(MSR_GS_BASE), 0x123456789000);
    is("DR7", host_dr7(), 0x400);
    when("saved");
    is("CS", vmread(GUEST_CS_SELECTOR), SEL_USER_CODE);
    is("rights of SS", vmread(GUEST_SS_AR), 0xc0f3);
    is("RFLAGS", vmread(GUEST_RFLAGS), 0x40402);
    end();
}

void transition_steps(void)
{
    host_state();
    debug_controls();
    switched_msrs();
}
