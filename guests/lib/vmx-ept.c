/* EPT structures: guest-physical addresses are host-physical ones, but for a window of small pages. */
#include "vmx.h"

u64 ept_pml4[512] PAGE, ept_pdpt[512] PAGE, ept_window[512] PAGE;
static u64 directories[4 * 512] PAGE;
u8 window_frames[4][4096] PAGE;

void ept_init(void)
{
    ept_pml4[0] = (u64)ept_pdpt | EPT_RWX;
    for (u64 i = 0; i < 4; i++)
        ept_pdpt[i] = (u64)(directories + i * 512) | EPT_RWX;
    for (u64 i = 0; i < 2048; i++)
        directories[i] = i << 21 | LARGE | EPT_WB | EPT_RWX;
    directories[WINDOW_GPA >> 21] = (u64)ept_window | EPT_RWX;
    memset(ept_window, 0, sizeof ept_window);
    for (u64 i = 0; i < 4; i++)
        ept_window[i] = (u64)window_frames[i] | EPT_WB | EPT_RWX;
    memset(window_frames, 0, sizeof window_frames);
    vmx_set(SECONDARY_ENABLE_EPT);
    vmwrite(EPTP, ept_pointer());
    invept_all();
}

u64 ept_pointer(void)
{
    return (u64)ept_pml4 | 3 << 3 | 6;
}

void invept_all(void)
{
    u64 descriptor[2] = {0, 0};
    asm volatile("invept %0, %1" ::"m"(descriptor), "r"(2ull) : "cc", "memory");
}
