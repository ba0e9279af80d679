/* Exits by instructions that exit whatever the controls say. */
#include "exits.h"

static void always(const char *subject, const char *what, const u8 *code, u32 reason, u32 length)
{
    if (!STEP_OF(subject, what))
        return;
    run(code);
    exits_by(reason, length, 0);
    end();
}

/* A VMX instruction with a memory operand at 16(%rax). */
static void with_memory(const char *subject, const char *what, const u8 *code, u32 reason,
                        u32 length, u32 mask, u32 info)
{
    STEP_OF(subject, what);
    run(code);
    exits_by(reason, length, 16);
    info_is(INFO_MEMORY | mask, INFO_AT_RAX | info);
    end();
}

static void vmx_instructions(void)
{
    heading("VMX instructions of a guest");
    always("vmcall", "VMCALL", CODE("vmcall"), REASON_VMCALL, 3);
    always("vmlaunch", "VMLAUNCH", CODE("vmlaunch"), REASON_VMLAUNCH, 3);
    always("vmresume", "VMRESUME", CODE("vmresume"), REASON_VMRESUME, 3);
    always("vmxoff", "VMXOFF", CODE("vmxoff"), REASON_VMXOFF, 3);
    with_memory("vmclear", "VMCLEAR 16(%rax)", CODE("vmclear 16(%%rax)"), REASON_VMCLEAR, 5, 0, 0);
    with_memory("vmptrld", "VMPTRLD 16(%rax)", CODE("vmptrld 16(%%rax)"), REASON_VMPTRLD, 4, 0, 0);
    with_memory("vmptrst", "VMPTRST 16(%rax)", CODE("vmptrst 16(%%rax)"), REASON_VMPTRST, 4, 0, 0);
    with_memory("vmxon", "VMXON 16(%rax)", CODE("vmxon 16(%%rax)"), REASON_VMXON, 5, 0, 0);
    STEP_OF("vmread", "VMREAD %rbx, %rcx");
    run(CODE("vmread %%rbx, %%rcx"));
    exits_by(REASON_VMREAD, 3, 0);
    info_is(INFO_REGISTER | 0xf0000000, 0x30000408);
    end();
    with_memory("vmwrite", "VMWRITE 16(%rax), %rbx", CODE("vmwrite 16(%%rax), %%rbx"),
                REASON_VMWRITE, 4, 0xf0000000, 0x30000000);
    if (STEP_OF("vmread", "in ring 3, where the exit goes before #GP")) {
        vmx_user_guest();
        run(CODE("vmread %%rbx, %%rcx"));
        exits(REASON_VMREAD);
        end();
    }
    STEP_OF("invept", "INVEPT 16(%rax), %rcx");
    if (needs(vmx_available(SECONDARY_ENABLE_EPT), "no EPT")) {
        run(CODE("invept 16(%%rax), %%rcx"));
        exits_by(REASON_INVEPT, 6, 16);
        info_is(INFO_MEMORY | 0xf0000000, INFO_AT_RAX | 0x10000000);
        end();
    }
    STEP_OF("invvpid", "INVVPID 16(%rax), %rcx");
    if (needs(vmx_available(SECONDARY_ENABLE_VPID), "no VPID")) {
        run(CODE("invvpid 16(%%rax), %%rcx"));
        exits_by(REASON_INVVPID, 6, 16);
        info_is(INFO_MEMORY | 0xf0000000, INFO_AT_RAX | 0x10000000);
        end();
    }
}

static void plain_instructions(void)
{
    heading("other instructions that always exit");
    always("cpuid", "CPUID", CODE("cpuid"), REASON_CPUID, 2);
    always("invd", "INVD", CODE("invd"), REASON_INVD, 2);
    STEP_OF("invd", "in ring 3, where #GP goes before the exit");
    vmwrite(EXCEPTION_BITMAP, 1 << 13);
    vmx_user_guest();
    run(CODE("invd"));
    exits(REASON_EXCEPTION_OR_NMI);
    is("interruption", vmread(EXIT_INTR_INFO), 0x80000b0d);
    end();
    STEP_OF("xsetbv", "XSETBV");
    if (needs(cpu_has(1, 0, REG_ECX, 26), "no XSAVE")) {
        vmwrite(GUEST_CR4, vmread(GUEST_CR4) | CR4_OSXSAVE);
        run(CODE("xsetbv"));
        exits_by(REASON_XSETBV, 3, 0);
        end();
    }
    STEP_OF("task_switch", "JMP to a TSS in 32-bit protected mode");
    vmx_free_other_tss();
    vmx_guest32();
    run(CODE32("ljmp $0x50, $0"));
    exits_by(REASON_TASK_SWITCH, 7, 0x80000050);
    end();
    STEP_OF("task_switch", "CALL to a TSS");
    vmx_free_other_tss();
    vmx_guest32();
    run(CODE32("lcall $0x50, $0"));
    exits_by(REASON_TASK_SWITCH, 7, 0x50);
    end();
}

/* MOV to CR0 sets TS, which is the host's when its bit of the mask is set. */
static void control_registers(void)
{
    heading("control registers by masks and shadows");
    STEP_OF("cr_access", "MOV to CR0 that changes a masked bit");
    u64 cr0 = vmread(GUEST_CR0);
    vmwrite(CR0_GUEST_HOST_MASK, CR0_TS);
    vmwrite(CR0_READ_SHADOW, cr0);
    run(CODE("mov %%cr0, %%rdx; or $8, %%rdx; mov %%rdx, %%cr0"));
    exits_by(REASON_CR_ACCESS, 3, 0x200);
    end();
    STEP_OF("cr_access", "MOV to CR4 that agrees with the shadow");
    vmwrite(CR4_GUEST_HOST_MASK, CR4_VMXE);
    vmwrite(CR4_READ_SHADOW, 0);
    run(CODE("mov %%cr4, %%rdx; mov %%rdx, %%cr4"));
    exits(REASON_VMCALL);
    holds("the guest reads VMXE as 0", !(guest.rdx & CR4_VMXE));
    holds("CR4.VMXE stays 1", vmread(GUEST_CR4) & CR4_VMXE);
    end();
    STEP_OF("cr_access", "CLTS with TS masked and 1 in the shadow");
    vmwrite(CR0_GUEST_HOST_MASK, CR0_TS);
    vmwrite(CR0_READ_SHADOW, CR0_TS);
    run(CODE("clts"));
    exits_by(REASON_CR_ACCESS, 2, 0x20);
    end();
    STEP_OF("cr_access", "LMSW that sets a masked TS");
    vmwrite(CR0_GUEST_HOST_MASK, CR0_TS);
    run(CODE("mov $9, %%ebx; lmsw %%bx"));
    exits_by(REASON_CR_ACCESS, 3, 0x90030);
    end();
}

unsigned guest_main(u32 boot_info)
{
    (void)boot_info;
    outb(0x3fb, 3);
    traps_init();
    vmx_on(0);
    vmx_instructions();
    plain_instructions();
    control_registers();
    conditional_exits();
    secondary_exits();
    return summary("vmx-exits");
}
