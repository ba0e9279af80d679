/* EPT structures: guest-physical addresses are host-physical ones, but for a window of small pages. */
#include "vmx.h"

u64 ept_pml4[512] PAGE, ept_pdpt[512] PAGE, ept_window[512] PAGE;
/* All rights, and accessed, so that only the window has flags to be set. */
#define TABLE (EPT_RWX | EPT_USER_X | EPT_ACCESSED)

static u64 directories[4 * 512] PAGE;
u8 window_frames[4][4096] PAGE;

void ept_init(void)
{
    ept_pml4[0] = (u64)ept_pdpt | TABLE;
    for (u64 i = 0; i < 4; i++)
        ept_pdpt[i] = (u64)(directories + i * 512) | TABLE;
    for (u64 i = 0; i < 2048; i++)
        directories[i] = i << 21 | LARGE | EPT_WB | TABLE | EPT_DIRTY;
    directories[WINDOW_GPA >> 21] = (u64)ept_window | TABLE;
    memset(ept_window, 0, sizeof ept_window);
    for (u64 i = 0; i < 4; i++)
        ept_window[i] = (u64)window_frames[i] | EPT_WB | EPT_RWX | EPT_USER_X;
    memset(window_frames, 0, sizeof window_frames);
    vmx_set(SECONDARY_ENABLE_EPT);
    vmwrite(EPTP, ept_pointer());
    invept_all();
}

u64 ept_pointer(void)
{
    return (u64)ept_pml4 | 3 << 3 | 6;
}

/* 0, or 1 when the instruction fails. */
int invept(u64 type, u64 eptp)
{
    u64 descriptor[2] = {eptp, 0};
    u8 failed;
    asm volatile("invept %1, %2; setbe %0" : "=r"(failed) : "m"(descriptor), "r"(type) : "cc", "memory");
    return failed;
}

int invvpid(u64 type, u64 vpid, u64 gla)
{
    u64 descriptor[2] = {vpid, gla};
    u8 failed;
    asm volatile("invvpid %1, %2; setbe %0"
                 : "=r"(failed)
                 : "m"(descriptor), "r"(type)
                 : "cc", "memory");
    return failed;
}

void invept_all(void)
{
    invept(2, 0);
}
