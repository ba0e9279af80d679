/* Exits and faults of instructions that a secondary processor-based control decides. */
#include "exits.h"

#define INFO_TABLE 0x30000000

static u64 buffer[128] __attribute__((aligned(64)));

/* Without the control #UD, with it the instruction goes through. */
static void enables(u16 control, const char *what, const u8 *code)
{
    if (!STEP(what, control))
        return;
    vmwrite(EXCEPTION_BITMAP, 1 << 6);
    vmwrite(GUEST_CR4, vmread(GUEST_CR4) | (cpu_has(1, 0, REG_ECX, 26) ? CR4_OSXSAVE : 0));
    vmx_clear(control);
    when("without it");
    run(code);
    exits(REASON_EXCEPTION_OR_NMI);
    is("interruption", vmread(EXIT_INTR_INFO), 0x80000306);
    when("with it");
    vmx_set(control);
    run(code);
    exits(REASON_VMCALL);
    end();
}

static void descriptor_tables(void)
{
    static const struct {
        const char *name;
        u32 reason, length, qualification, mask, info;
    } rows[] = {
        {"SGDT 16(%rax)", REASON_GDTR_IDTR_ACCESS, 4, 16, INFO_MEMORY | INFO_TABLE, INFO_AT_RAX},
        {"LIDT 16(%rax)", REASON_GDTR_IDTR_ACCESS, 4, 16, INFO_MEMORY | INFO_TABLE,
         INFO_AT_RAX | 3 << 28},
        {"SLDT EBX", REASON_LDTR_TR_ACCESS, 3, 0, INFO_REGISTER | INFO_TABLE, 0x418},
        {"LTR CX", REASON_LDTR_TR_ACCESS, 3, 0, INFO_REGISTER | INFO_TABLE, 0x408 | 3 << 28},
    };
    const u8 *const codes[] = {
        CODE("sgdt 16(%%rax)"), CODE("lidt 16(%%rax)"), CODE("sldt %%ebx"), CODE("ltr %%cx"),
    };
    for (unsigned i = 0; i < 4; i++) {
        if (!STEP(rows[i].name, SECONDARY_DESCRIPTOR_TABLE_EXITING))
            continue;
        guest.rax = (u64)buffer;
        run(codes[i]);
        exits_by(rows[i].reason, rows[i].length, rows[i].qualification);
        info_is(rows[i].mask, rows[i].info);
        end();
    }
    if (STEP("SGDT without it", SECONDARY_DESCRIPTOR_TABLE_EXITING)) {
        vmx_clear(SECONDARY_DESCRIPTOR_TABLE_EXITING);
        guest.rax = (u64)buffer;
        run(CODE("sgdt 16(%%rax)"));
        exits(REASON_VMCALL);
        end();
    }
}

static void random_numbers(void)
{
    if (STEP("RDRAND RBX", SECONDARY_RDRAND_EXITING)) {
        run(CODE("rdrand %%rbx"));
        exits_by(REASON_RDRAND, 4, 0);
        info_is(0x1878, 0x1018);
        end();
    }
    if (STEP("RDSEED ECX", SECONDARY_RDSEED_EXITING)) {
        run(CODE("rdseed %%ecx"));
        exits_by(REASON_RDSEED, 3, 0);
        info_is(0x1878, 0x808);
        end();
    }
}

/* 10000 PAUSEs close together, in a window of 1000 ticks. */
static int pause_loop_step(const char *what)
{
    if (!STEP(what, SECONDARY_PAUSE_LOOP_EXITING))
        return 0;
    vmwrite(PLE_GAP, 1000000);
    vmwrite(PLE_WINDOW, 1000);
    return 1;
}

static void pause_loops(void)
{
    const u8 *code = CODE("mov $10000, %%ecx\n 1: pause; dec %%ecx; jnz 1b");
    if (pause_loop_step("10000 times PAUSE in ring 3")) {
        vmx_user_guest();
        run(code);
        exits(REASON_VMCALL);
        end();
    }
    if (pause_loop_step("10000 times PAUSE in ring 0")) {
        run(code);
        exits_by(REASON_PAUSE, 2, 0);
        holds("not at the first PAUSE", guest.rcx < 10000);
        end();
    }
}

static void inside_invpcid(void)
{
    enables(SECONDARY_ENABLE_INVPCID, "INVPCID", CODE("mov $2, %%ecx; invpcid 0x9000, %%rcx"));
    if (STEP("INVPCID with invlpg_exiting", SECONDARY_ENABLE_INVPCID, PRIMARY_INVLPG_EXITING)) {
        guest.rax = (u64)buffer;
        run(CODE("invpcid 16(%%rax), %%rcx"));
        exits_by(REASON_INVPCID, 6, 16);
        info_is(INFO_MEMORY | 0xf0000000, INFO_AT_RAX | 0x10000000);
        end();
    }
}

static void rdtscp(void)
{
    enables(SECONDARY_ENABLE_RDTSCP, "RDTSCP", CODE("rdtscp"));
    if (STEP("RDTSCP with rdtsc_exiting", SECONDARY_ENABLE_RDTSCP, PRIMARY_RDTSC_EXITING)) {
        run(CODE("rdtscp"));
        exits_by(REASON_RDTSCP, 3, 0);
        end();
    }
}

/* XSAVES and XRSTORS exit for components of IA32_XSS, of which there may be none. */
static void xsaves(void)
{
    const u8 *save = CODE("mov $3, %%eax; xor %%edx, %%edx; xsaves buffer_of_xsaves");
    const u8 *restore = CODE("mov $3, %%eax; xor %%edx, %%edx; xrstors buffer_of_xsaves");
    enables(SECONDARY_ENABLE_XSAVES_XRSTORS, "XSAVES", save);
    enables(SECONDARY_ENABLE_XSAVES_XRSTORS, "XRSTORS", restore);
    if (!STEP("XSAVES, XRSTORS with all of the XSS-exiting bitmap", SECONDARY_ENABLE_XSAVES_XRSTORS))
        return;
    vmwrite(XSS_EXITING_BITMAP, ~0ull);
    vmwrite(GUEST_CR4, vmread(GUEST_CR4) | CR4_OSXSAVE);
    when("IA32_XSS 0");
    run(save);
    exits(REASON_VMCALL);
    run(restore);
    exits(REASON_VMCALL);
    end();
}

u8 buffer_of_xsaves[4096] PAGE;

void secondary_exits(void)
{
    heading("secondary controls: one instruction each");
    if (STEP("WBINVD", SECONDARY_WBINVD_EXITING)) {
        vmx_clear(SECONDARY_WBINVD_EXITING);
        when("without it");
        run(CODE("wbinvd"));
        exits(REASON_VMCALL);
        vmx_set(SECONDARY_WBINVD_EXITING);
        when("with it");
        run(CODE("wbinvd"));
        exits_by(REASON_WBINVD, 2, 0);
        end();
    }
    if (STEP("WBINVD, its bit set in a word that is not active", PRIMARY_ACTIVATE_SECONDARY_CONTROLS)) {
        vmx_set(SECONDARY_WBINVD_EXITING);
        vmx_clear(PRIMARY_ACTIVATE_SECONDARY_CONTROLS);
        when("secondary word inactive");
        run(CODE("wbinvd"));
        exits(REASON_VMCALL);
        vmx_set(PRIMARY_ACTIVATE_SECONDARY_CONTROLS);
        when("active");
        run(CODE("wbinvd"));
        exits(REASON_WBINVD);
        end();
    }
    descriptor_tables();
    random_numbers();
    rdtscp();
    inside_invpcid();
    xsaves();
    pause_loops();
    if (STEP("VMFUNC 0, a function that is not enabled", SECONDARY_ENABLE_VM_FUNCTIONS)) {
        vmwrite(EXCEPTION_BITMAP, 1 << 6);
        vmx_clear(SECONDARY_ENABLE_VM_FUNCTIONS);
        when("without it");
        run(CODE("xor %%eax, %%eax; vmfunc"));
        exits(REASON_EXCEPTION_OR_NMI);
        is("interruption", vmread(EXIT_INTR_INFO), 0x80000306);
        vmx_set(SECONDARY_ENABLE_VM_FUNCTIONS);
        when("with it");
        run(CODE("xor %%eax, %%eax; vmfunc"));
        exits_by(REASON_VMFUNC, 3, 0);
        end();
    }
}
