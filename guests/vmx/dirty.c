/* Accessed and dirty flags of EPT, and page-modification logging. */
#include "memory.h"

#define EPTP_FLAGS 0x40
#define FLAGS (EPT_ACCESSED | EPT_DIRTY)

static u64 log_page[512] PAGE;

static void use_flags(void)
{
    ept_init();
    vmwrite(EPTP, ept_pointer() | EPTP_FLAGS);
}

static void flags(void)
{
    heading("accessed and dirty flags");
    if (STEP("flags of EPT entries", SECONDARY_ENABLE_EPT) &&
        needs(ept_can(CAP_FLAGS), "no accessed and dirty flags")) {
        ept_init();
        when("not enabled");
        run(STORE(0));
        exits(REASON_VMCALL);
        is("flags", ept_window[0] & FLAGS, 0);
        use_flags();
        when("after a load");
        run(LOAD(0));
        exits(REASON_VMCALL);
        is("flags", ept_window[0] & FLAGS, EPT_ACCESSED);
        when("after a store");
        run(STORE(0));
        exits(REASON_VMCALL);
        is("flags", ept_window[0] & FLAGS, FLAGS);
        end();
    }
    if (STEP("a guest page table in a page without the right to write", SECONDARY_ENABLE_EPT) &&
        needs(ept_can(CAP_FLAGS), "no accessed and dirty flags")) {
        use_flags();
        set_window(3, FRAME(3) | 1);
        vmwrite(GUEST_CR3, WINDOW_GPA + 0x3000);
        run(CODE("nop"));
        exits(REASON_EPT_VIOLATION);
        is("qualification", vmread(EXIT_QUALIFICATION) & ~(u64)ADVANCED,
           READS | WRITES | READABLE | LINEAR_VALID);
        end();
    }
}

static void log_from(u16 index)
{
    use_flags();
    memset(log_page, 0, sizeof log_page);
    vmwrite(PML_ADDRESS, (u64)log_page);
    vmwrite(PML_INDEX, index);
}

static void logging(void)
{
    heading("page-modification logging");
    if (STEP("stores to two pages, one of them twice", SECONDARY_ENABLE_PML)) {
        log_from(511);
        run(STORE(0));
        exits(REASON_VMCALL);
        run(STORE(0));
        exits(REASON_VMCALL);
        run(STORE(1));
        exits(REASON_VMCALL);
        is("last entry", log_page[511], WINDOW_GPA);
        is("the one before", log_page[510], WINDOW_GPA + 0x1000);
        is("index", vmread(PML_INDEX), 509);
        end();
    }
    if (STEP("load", SECONDARY_ENABLE_PML)) {
        log_from(511);
        run(LOAD(0));
        exits(REASON_VMCALL);
        is("index", vmread(PML_INDEX), 511);
        end();
    }
    if (STEP_OF("pml_full", "store with index 0, then one with 0xffff", SECONDARY_ENABLE_PML)) {
        log_from(0);
        run(STORE(0));
        exits(REASON_VMCALL);
        is("entry 0", log_page[0], WINDOW_GPA);
        is("index", vmread(PML_INDEX), 0xffff);
        run(STORE(1));
        exits(REASON_PML_FULL);
        is("flags", ept_window[1] & EPT_DIRTY, 0);
        when("entered again with index 511");
        vmwrite(PML_INDEX, 511);
        go_on();
        exits(REASON_VMCALL);
        is("last entry", log_page[511], WINDOW_GPA + 0x1000);
        end();
    }
}

void dirty_steps(void)
{
    flags();
    logging();
}
