/* Features that change what a guest may do with a page: #VE, execute rights, sub-pages, VMFUNC. */
#include "memory.h"

#define SUPPRESS_VE (1ull << 63)
#define SUB_PAGES (1ull << 61)
#define VECTOR_VE 20

static struct {
    u32 reason, busy;
    u64 qualification, gla, gpa;
    u16 eptp_index;
} ve_area PAGE;
static u64 sub_page_tables[4][512] PAGE;
static u64 other_pml4[512] PAGE, other_pdpt[512] PAGE, other_directory[512] PAGE;
static u64 other_window[512] PAGE, eptp_list[512] PAGE;
static const u8 vmcall[] = {0x0f, 0x01, 0xc1};

static int ve_step(const char *what)
{
    if (!STEP(what, SECONDARY_EPT_VIOLATION_VE, SECONDARY_ENABLE_EPT))
        return 0;
    ept_init();
    memset(&ve_area, 0, sizeof ve_area);
    vmwrite(VE_INFO_ADDR, (u64)&ve_area);
    vmwrite(EPTP_INDEX, 7);
    set_window(1, 0);
    return 1;
}

static void virtualization_exceptions(void)
{
    heading("virtualization exceptions");
    if (ve_step("load from a page that is not present")) {
        run(LOAD(1));
        delivers(VECTOR_VE);
        is("reason", ve_area.reason, REASON_EPT_VIOLATION);
        is("busy", ve_area.busy, 0xffffffff);
        is("qualification", ve_area.qualification & ~(u64)ADVANCED,
           READS | LINEAR_VALID | TO_THE_PAGE);
        is("linear address", ve_area.gla, WINDOW_GPA + 0x1040);
        is("guest-physical address", ve_area.gpa, WINDOW_GPA + 0x1040);
        is("EPTP index", ve_area.eptp_index, 7);
        when("the area still busy");
        run(LOAD(1));
        exits(REASON_EPT_VIOLATION);
        end();
    }
    if (ve_step("the same with bit 63 of the entry set")) {
        set_window(1, SUPPRESS_VE);
        run(LOAD(1));
        exits(REASON_EPT_VIOLATION);
        end();
    }
    if (ve_step("the same with bit 20 of the exception bitmap set")) {
        vmwrite(EXCEPTION_BITMAP, 1 << VECTOR_VE);
        run(LOAD(1));
        exits(REASON_EXCEPTION_OR_NMI);
        is("interruption", vmread(EXIT_INTR_INFO), VALID | 0x300 | VECTOR_VE);
        end();
    }
}

/* All linear addresses here are user-mode ones by their page tables, whatever the ring. */
static void execute_rights(void)
{
    heading("execute rights by mode");
    if (!STEP("jump to a user-mode address", SECONDARY_MODE_BASED_EXECUTE_EPT, SECONDARY_ENABLE_EPT))
        return;
    ept_init();
    memcpy(window_frames[1] + 0x40, vmcall, sizeof vmcall);
    when("bit 2 alone");
    set_window(1, FRAME(1) | EPT_RWX);
    run(JUMP(1));
    exits(REASON_EPT_VIOLATION);
    is("qualification", vmread(EXIT_QUALIFICATION) & ~(u64)ADVANCED,
       FETCHES | READABLE | WRITABLE | EXECUTABLE | LINEAR_VALID | TO_THE_PAGE);
    when("bit 10 alone");
    set_window(1, FRAME(1) | 3 | EPT_USER_X);
    run(JUMP(1));
    exits(REASON_VMCALL);
    when("without the control, bit 10 alone");
    vmx_clear(SECONDARY_MODE_BASED_EXECUTE_EPT);
    invept_all();
    run(JUMP(1));
    exits(REASON_EPT_VIOLATION);
    end();
}

static int sub_page_step(const char *subject, const char *what)
{
    static const u16 wanted[] = {SECONDARY_SUBPAGE_WRITE_PERMISSIONS, SECONDARY_ENABLE_EPT,
                                 NO_CONTROL};
    if (!begin(subject, what, wanted))
        return 0;
    ept_init();
    memset(sub_page_tables, 0, sizeof sub_page_tables);
    sub_page_tables[0][0] = (u64)sub_page_tables[1] | 1;
    sub_page_tables[1][WINDOW_GPA >> 30] = (u64)sub_page_tables[2] | 1;
    sub_page_tables[2][0] = (u64)sub_page_tables[3] | 1;
    vmwrite(SPPT_POINTER, (u64)sub_page_tables[0]);
    set_window(1, FRAME(1) | SUB_PAGES | 5 | EPT_USER_X);
    return 1;
}

static void sub_pages(void)
{
    heading("sub-page write permissions");
    if (sub_page_step(0, "stores to sub-page 0, which may be written, and 3, which may not")) {
        sub_page_tables[3][1] = 1;
        run(STORE(1));
        exits(REASON_VMCALL);
        is("stored", *(u64 *)(window_frames[1] + 0x40), WINDOW_GPA + 0x1040);
        run(CODE(AT_WINDOW(1) "mov %%rax, 3 * 128(%%rax)"));
        exits(REASON_EPT_VIOLATION);
        is("qualification", vmread(EXIT_QUALIFICATION) & (0x1ff & ~USER_EXECUTABLE),
           WRITES | READABLE | EXECUTABLE | LINEAR_VALID | TO_THE_PAGE);
        end();
    }
    if (sub_page_step("spp_event", "no table of the last level")) {
        sub_page_tables[2][0] = 0;
        run(STORE(1));
        exits(REASON_SPP_EVENT);
        is("qualification", vmread(EXIT_QUALIFICATION) & 0x800, 0x800);
        is("guest-physical address", vmread(GUEST_PHYSICAL_ADDRESS), WINDOW_GPA + 0x1040);
        end();
    }
    if (sub_page_step("spp_event", "an odd bit in the vector of sub-pages")) {
        sub_page_tables[3][1] = 2;
        run(STORE(1));
        exits(REASON_SPP_EVENT);
        is("qualification", vmread(EXIT_QUALIFICATION) & 0x800, 0);
        end();
    }
}

/* A second view, where page 0 of the window is frame 3. */
static void fill_other_view(void)
{
    memcpy(other_pdpt, ept_pdpt, sizeof other_pdpt);
    other_pml4[0] = (u64)other_pdpt | EPT_RWX | EPT_USER_X;
    other_pdpt[WINDOW_GPA >> 30] = (u64)other_directory | EPT_RWX | EPT_USER_X;
    other_directory[0] = (u64)other_window | EPT_RWX | EPT_USER_X;
    other_window[0] = FRAME(3) | EPT_RWX;
    memset(eptp_list, 0, sizeof eptp_list);
    eptp_list[0] = ept_pointer();
    eptp_list[1] = (u64)other_pml4 | 3 << 3 | 6;
    vmwrite(EPTP_LIST_ADDR, (u64)eptp_list);
    vmwrite(VM_FUNCTION_CONTROLS, 1);
}

static void switching(void)
{
    heading("EPTP switching");
    if (STEP("VMFUNC 0 to entry 1 of the list", SECONDARY_ENABLE_VM_FUNCTIONS, SECONDARY_ENABLE_EPT)) {
        ept_init();
        fill_other_view();
        *(u64 *)(window_frames[0] + 0x40) = 0x1111;
        *(u64 *)(window_frames[3] + 0x40) = 0x3333;
        run(CODE(AT_WINDOW(0) "mov (%%rax), %%rbx; mov %%rax, %%rdx; xor %%eax, %%eax;"
                              "mov $1, %%ecx; vmfunc; mov (%%rdx), %%rsi"));
        exits(REASON_VMCALL);
        is("RBX", guest.rbx, 0x1111);
        is("RSI", guest.rsi, 0x3333);
        holds("the EPTP is that of entry 1", vmread(EPTP) == eptp_list[1]);
        end();
    }
    if (STEP("VMFUNC 0 in ring 3", SECONDARY_ENABLE_VM_FUNCTIONS, SECONDARY_ENABLE_EPT)) {
        ept_init();
        fill_other_view();
        vmx_user_guest();
        run(CODE("xor %%eax, %%eax; mov $1, %%ecx; vmfunc"));
        exits(REASON_VMCALL);
        holds("the EPTP is that of entry 1", vmread(EPTP) == eptp_list[1]);
        end();
    }
    if (STEP_OF("vmfunc", "VMFUNC 0 to an entry that is 0", SECONDARY_ENABLE_VM_FUNCTIONS,
                SECONDARY_ENABLE_EPT)) {
        ept_init();
        fill_other_view();
        run(CODE("xor %%eax, %%eax; mov $2, %%ecx; vmfunc"));
        exits(REASON_VMFUNC);
        is("length", vmread(EXIT_INSTRUCTION_LENGTH), 3);
        end();
    }
}

void view_steps(void)
{
    virtualization_exceptions();
    execute_rights();
    sub_pages();
    switching();
}
