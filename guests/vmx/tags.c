/* VPIDs, and the instructions that invalidate what they tag. */
#include "memory.h"

extern u64 pml4[512];
static u64 tables[3][512] PAGE;
static u8 pages[2][4096] PAGE;

#define FAR_LOAD CODE("movabs $0x8000000000, %%rax; mov (%%rax), %%rbx")
#define VPID_HERE 5

/* Linear 0x8000000000 of the guest; the host does not use it. */
static void map_far(unsigned page)
{
    pml4[1] = (u64)tables[0] | 7;
    tables[0][0] = (u64)tables[1] | 7;
    tables[1][0] = (u64)tables[2] | 7;
    tables[2][0] = (u64)pages[page] | 7;
}

static void virtual_processors(void)
{
    heading("VPIDs");
    *(u64 *)pages[0] = 0x1111;
    *(u64 *)pages[1] = 0x2222;
    if (STEP("a guest page is mapped anew by the host", SECONDARY_ENABLE_VPID)) {
        when("without it, where each entry flushes");
        vmx_clear(SECONDARY_ENABLE_VPID);
        map_far(0);
        run(FAR_LOAD);
        is("RBX", guest.rbx, 0x1111);
        map_far(1);
        run(FAR_LOAD);
        is("RBX", guest.rbx, 0x2222);
        when("with it, after INVVPID of the address");
        vmx_set(SECONDARY_ENABLE_VPID);
        vmwrite(VPID, VPID_HERE);
        run(FAR_LOAD);
        map_far(0);
        invvpid(0, VPID_HERE, 0x8000000000);
        run(FAR_LOAD);
        is("RBX", guest.rbx, 0x1111);
        when("after INVVPID of the VPID");
        map_far(1);
        invvpid(1, VPID_HERE, 0);
        run(FAR_LOAD);
        is("RBX", guest.rbx, 0x2222);
        end();
    }
    if (STEP("VPID 0", SECONDARY_ENABLE_VPID)) {
        vmwrite(VPID, 0);
        run(CODE("nop"));
        exits(VM_FAIL | 7);
        end();
    }
}

static void instructions(void)
{
    heading("INVEPT and INVVPID in root operation");
    if (STEP_OF("invvpid", "types 0 to 4 with VPID 5, type 1 with VPID 0", SECONDARY_ENABLE_VPID)) {
        vmwrite(VPID, VPID_HERE);
        for (u64 type = 0; type < 4; type++)
            is("fails", invvpid(type, VPID_HERE, 0), !(rdmsr(MSR_VMX_EPT_VPID_CAP) >> (40 + type) & 1));
        is("fails", invvpid(4, VPID_HERE, 0), 1);
        is("error", vmread(VM_INSTRUCTION_ERROR), 28);
        is("fails", invvpid(1, 0, 0), 1);
        end();
    }
    if (STEP_OF("invept", "types 1, 2, 3", SECONDARY_ENABLE_EPT)) {
        ept_init();
        is("fails", invept(1, ept_pointer()), 0);
        is("fails", invept(2, 0), 0);
        is("fails", invept(3, 0), 1);
        is("error", vmread(VM_INSTRUCTION_ERROR), 28);
        end();
    }
}

void tag_steps(void)
{
    virtual_processors();
    instructions();
}
