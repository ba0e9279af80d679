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
    STEP_OF("vmread", "VMREAD %rbx, 0x12345678(%r13,%rsi,4) by FS");
    run(CODE("vmread %%rbx, %%fs:0x12345678(%%r13, %%rsi, 4)"));
    exits_by(REASON_VMREAD, 10, 0x12345678);
    /* Scale 4, 64-bit address, FS, RSI, R13, and RBX for the encoding. */
    info_is(0xfffff783, 2 | 2 << 7 | 4 << 15 | 6 << 18 | 13 << 23 | 3 << 28);
    end();
    STEP_OF("vmclear", "VMCLEAR -8(%rip)");
    const u8 *relative = CODE("vmclear -8(%%rip)");
    run(relative);
    exits(REASON_VMCLEAR);
    is("qualification past start", vmread(EXIT_QUALIFICATION) - (u64)relative, 0);
    end();
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
    STEP_OF("task_switch", "INT 0x30 through a task gate");
    static u64 task_gates[0x40];
    task_gates[0x30] = (u64)SEL_OTHER_TSS << 16 | 0x85ull << 40;
    vmx_free_other_tss();
    vmx_guest32();
    vmwrite(GUEST_IDTR_BASE, (u64)task_gates);
    run(CODE32("int $0x30"));
    exits_by(REASON_TASK_SWITCH, 2, 0xc0000050);
    is("IDT-vectoring", vmread(IDT_VECTORING_INFO), 0x80000430);
    end();
    STEP_OF("task_switch", "CALL to a TSS");
    vmx_free_other_tss();
    vmx_guest32();
    run(CODE32("lcall $0x50, $0"));
    exits_by(REASON_TASK_SWITCH, 7, 0x50);
    end();
}

static void other_modes(void)
{
    heading("VMCALL in other modes");
    STEP_OF("vmcall", "64-bit mode of ring 3");
    vmx_user_guest();
    run(CODE("vmcall"));
    exits_by(REASON_VMCALL, 3, 0);
    end();
    STEP_OF("vmcall", "32-bit protected mode");
    vmx_guest32();
    run(CODE32("vmcall"));
    exits_by(REASON_VMCALL, 3, 0);
    end();
    STEP_OF("vmcall", "virtual-8086 mode");
    vmx_virtual8086_guest();
    run((const u8 *)0);
    exits_by(REASON_VMCALL, 3, 0);
    is("RFLAGS.VM", vmread(GUEST_RFLAGS) >> 17 & 1, 1);
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
    STEP_OF("cr_access", "MOV from CR0 and SMSW with TS and WP masked");
    vmwrite(CR0_GUEST_HOST_MASK, CR0_TS | CR0_WP);
    vmwrite(CR0_READ_SHADOW, CR0_TS);
    run(CODE("mov %%cr0, %%rbx; smsw %%ecx"));
    exits(REASON_VMCALL);
    is("TS and WP", guest.rbx & (CR0_TS | CR0_WP), CR0_TS);
    is("by SMSW", guest.rcx & (CR0_TS | CR0_WP), CR0_TS);
    end();
    STEP_OF("cr_access", "MOV to CR0 of R15 that clears PG");
    vmwrite(CR0_GUEST_HOST_MASK, CR0_PG);
    vmwrite(CR0_READ_SHADOW, CR0_PG);
    run(CODE("mov $0x10033, %%r15d; mov %%r15, %%cr0"));
    exits_by(REASON_CR_ACCESS, 4, 0xf00);
    end();
    STEP_OF("cr_access", "MOV to CR4 that sets a masked TSD");
    vmwrite(CR4_GUEST_HOST_MASK, CR4_TSD);
    run(CODE("mov %%cr4, %%rdx; or $4, %%rdx; mov %%rdx, %%cr4"));
    exits_by(REASON_CR_ACCESS, 3, 0x204);
    end();
    STEP_OF("cr_access", "CLTS with TS masked and 0 in the shadow");
    vmwrite(CR0_GUEST_HOST_MASK, CR0_TS);
    vmwrite(GUEST_CR0, cr0 | CR0_TS);
    run(CODE("clts"));
    exits(REASON_VMCALL);
    is("CR0.TS", vmread(GUEST_CR0) >> 3 & 1, 1);
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
    STEP_OF("cr_access", "LMSW of a word in memory");
    static u16 status_word = 9;
    vmwrite(CR0_GUEST_HOST_MASK, CR0_TS);
    guest.rbx = (u64)&status_word;
    run(CODE("lmsw (%%rbx)"));
    exits_by(REASON_CR_ACCESS, 3, 0x90070);
    holds("the linear address is that of the word",
          vmread(GUEST_LINEAR_ADDRESS) == (u64)&status_word);
    end();
}

/* The last step of the image: some emulators end here. */
static void root_step(void)
{
    heading("VMX root operation");
    STEP_OF("VMX root", "VMCALL");
    u8 failed_valid;
    asm volatile("vmcall; setz %0" : "=r"(failed_valid)::"cc", "memory");
    is("VMfailValid", failed_valid, 1);
    is("VM-instruction error", vmread(VM_INSTRUCTION_ERROR), 1);
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
    other_modes();
    control_registers();
    conditional_exits();
    secondary_exits();
    root_step();
    return summary("vmx-exits");
}
