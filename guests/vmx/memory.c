/* EPT translations, violations and misconfigurations. */
#include "memory.h"

static const u8 vmcall[] = {0x0f, 0x01, 0xc1};

int ept_can(unsigned bit)
{
    return vmx_available(SECONDARY_ENABLE_EPT) && (rdmsr(MSR_VMX_EPT_VPID_CAP) >> bit & 1);
}

void set_window(unsigned page, u64 entry)
{
    ept_window[page] = entry;
    invept_all();
}

void violates(u64 qualification, unsigned page)
{
    exits(REASON_EPT_VIOLATION);
    is("qualification", vmread(EXIT_QUALIFICATION) & ~(u64)ADVANCED, qualification);
    is("guest-physical address", vmread(GUEST_PHYSICAL_ADDRESS), WINDOW_GPA + 4096 * page + 0x40);
    is("linear address", vmread(GUEST_LINEAR_ADDRESS), WINDOW_GPA + 4096 * page + 0x40);
}

static int ept_step(const char *subject, const char *what)
{
    if (!begin(subject, what, (const u16[]){SECONDARY_ENABLE_EPT, NO_CONTROL}))
        return 0;
    ept_init();
    return 1;
}

static void translations(void)
{
    heading("EPT translations");
    if (ept_step(0, "load from the window, mapped to frame 0, then to frame 2")) {
        *(u64 *)(window_frames[0] + 0x40) = 0x1111;
        *(u64 *)(window_frames[2] + 0x40) = 0x2222;
        run(LOAD(0));
        exits(REASON_VMCALL);
        is("RBX", guest.rbx, 0x1111);
        set_window(0, FRAME(2) | EPT_RWX);
        run(LOAD(0));
        exits(REASON_VMCALL);
        is("RBX", guest.rbx, 0x2222);
        end();
    }
    if (ept_step(0, "load through a page of 1 GiB") && needs(ept_can(CAP_1_GIB), "no such pages")) {
        static u64 old;
        old = ept_pdpt[1];
        ept_pdpt[1] = LARGE | EPT_WB | EPT_RWX | EPT_USER_X;
        invept_all();
        guest.rax = WINDOW_GPA + 0x9000;
        *(u64 *)0x9000 = 0x1234;
        run(CODE("mov (%%rax), %%rbx"));
        exits(REASON_VMCALL);
        is("RBX", guest.rbx, 0x1234);
        ept_pdpt[1] = old;
        invept_all();
        end();
    }
    if (ept_step(0, "load through 5 levels of tables") && needs(ept_can(CAP_5_LEVELS), "4 levels")) {
        static u64 root[512] PAGE;
        root[0] = (u64)ept_pml4 | EPT_RWX | EPT_USER_X;
        vmwrite(EPTP, (u64)root | 4 << 3 | 6);
        *(u64 *)(window_frames[0] + 0x40) = 0x5555;
        run(LOAD(0));
        exits(REASON_VMCALL);
        is("RBX", guest.rbx, 0x5555);
        end();
    }
}

/* IRET has unblocked NMIs when its load from the stack exits. */
static void nmi_unblocking(void)
{
    static const u16 wanted[] = {PIN_VIRTUAL_NMIS, PIN_NMI_EXITING, SECONDARY_ENABLE_EPT, NO_CONTROL};
    if (!begin("ept_violation", "IRET from a stack that is not present, NMIs blocked", wanted))
        return;
    ept_init();
    set_window(1, 0);
    vmwrite(GUEST_INTERRUPTIBILITY, 8);
    run(CODE("mov $0x40001100, %%esp; iretq"));
    exits(REASON_EPT_VIOLATION);
    is("qualification", vmread(EXIT_QUALIFICATION) & ~(u64)ADVANCED,
       READS | LINEAR_VALID | TO_THE_PAGE | NMI_UNBLOCKED);
    is("interruptibility", vmread(GUEST_INTERRUPTIBILITY), 0);
    end();
}

static void violations(void)
{
    heading("EPT violations");
    if (ept_step("ept_violation", "store that crosses into a page that is not present")) {
        set_window(1, 0);
        run(CODE("mov $0x40000ffc, %%eax; mov %%rax, (%%rax)"));
        exits(REASON_EPT_VIOLATION);
        is("qualification", vmread(EXIT_QUALIFICATION) & ~(u64)ADVANCED,
           WRITES | LINEAR_VALID | TO_THE_PAGE);
        is("linear address", vmread(GUEST_LINEAR_ADDRESS), WINDOW_GPA + 0x1000);
        is("stored of it", *(u32 *)(window_frames[0] + 0xffc), 0);
        end();
    }
    if (ept_step("ept_violation", "load from a page that is not present")) {
        set_window(1, 0);
        run(LOAD(1));
        violates(READS | LINEAR_VALID | TO_THE_PAGE, 1);
        end();
    }
    if (ept_step("ept_violation", "store to a page with the right to read")) {
        set_window(1, FRAME(1) | 1);
        run(STORE(1));
        violates(WRITES | READABLE | LINEAR_VALID | TO_THE_PAGE, 1);
        end();
    }
    if (ept_step("ept_violation", "jump into a page without the right to execute")) {
        set_window(1, FRAME(1) | 3);
        run(JUMP(1));
        violates(FETCHES | READABLE | WRITABLE | LINEAR_VALID | TO_THE_PAGE, 1);
        end();
    }
    if (ept_step("ept_violation", "CR3 in a page that is not present")) {
        set_window(3, 0);
        vmwrite(GUEST_CR3, WINDOW_GPA + 0x3000);
        run(CODE("nop"));
        exits(REASON_EPT_VIOLATION);
        is("qualification", vmread(EXIT_QUALIFICATION) & ~(u64)ADVANCED, READS | LINEAR_VALID);
        is("guest-physical address", vmread(GUEST_PHYSICAL_ADDRESS), WINDOW_GPA + 0x3000);
        end();
    }
    if (ept_step("ept_violation", "advanced information of a page that guests may write in ring 3") &&
        needs(ept_can(CAP_ADVANCED), "no advanced information")) {
        set_window(1, 0);
        run(LOAD(1));
        exits(REASON_EPT_VIOLATION);
        is("bits 11:9 of the qualification", vmread(EXIT_QUALIFICATION) & ADVANCED, 0x600);
        end();
    }
    if (ept_step("ept_violation", "a page with the right to execute alone") &&
        needs(ept_can(CAP_EXECUTE_ONLY), "no such entries")) {
        memcpy(window_frames[1] + 0x40, vmcall, sizeof vmcall);
        set_window(1, FRAME(1) | 4);
        when("jump");
        run(JUMP(1));
        exits(REASON_VMCALL);
        when("load");
        run(LOAD(1));
        violates(READS | EXECUTABLE | LINEAR_VALID | TO_THE_PAGE, 1);
        end();
    }
    if (ept_step("ept_violation", "while the IDT delivers #UD")) {
        set_window(1, 0);
        vmwrite(GUEST_IDTR_BASE, WINDOW_GPA + 0x1000);
        run(CODE("ud2"));
        exits(REASON_EPT_VIOLATION);
        is("guest-physical address", vmread(GUEST_PHYSICAL_ADDRESS), WINDOW_GPA + 0x1060);
        is("IDT-vectoring", vmread(IDT_VECTORING_INFO), VALID | 0x306);
        end();
    }
}

static void misconfigured(const char *what, unsigned page, u64 entry)
{
    if (!ept_step("ept_misconfiguration", what))
        return;
    set_window(page, entry);
    run(LOAD(1));
    exits(REASON_EPT_MISCONFIGURATION);
    is("guest-physical address", vmread(GUEST_PHYSICAL_ADDRESS), WINDOW_GPA + 0x1040);
    end();
}

static void misconfigurations(void)
{
    heading("EPT misconfigurations");
    misconfigured("the right to write without that to read", 1, FRAME(1) | 2);
    misconfigured("memory type 2", 1, (u64)window_frames[1] | 2 << 3 | EPT_RWX);
    misconfigured("bit 51 of the address", 1, FRAME(1) | 1ull << 51 | EPT_RWX);
}

unsigned guest_main(u32 boot_info)
{
    (void)boot_info;
    outb(0x3fb, 3);
    traps_init();
    vmx_on(0);
    translations();
    violations();
    nmi_unblocking();
    misconfigurations();
    dirty_steps();
    view_steps();
    tag_steps();
    return summary("vmx-memory");
}
