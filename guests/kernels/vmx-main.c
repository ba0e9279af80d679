/* The kernels in VMX non-root operation, under EPT and with a VPID: what that costs them. */
#include "../lib/vmx.h"

/* guest.c */
u32 run_kernels(u32 boot_info);

static u8 stack[1 << 18] __attribute__((aligned(16)));
static u32 boot, result;

static void __attribute__((noinline)) kernels_of_guest(void)
{
    result = run_kernels(boot);
    asm volatile("vmcall");
}

u32 guest_main(u32 boot_info)
{
    boot = boot_info;
    vmx_on(0);
    vmx_reset();
    ept_init();
    vmx_set(SECONDARY_ENABLE_VPID);
    vmwrite(VPID, 1);
    vmwrite(GUEST_RIP, (u64)kernels_of_guest);
    /* As behind a call. */
    vmwrite(GUEST_RSP, (u64)(stack + sizeof stack - 8));
    u32 reason = vmx_resume();
    if (reason == REASON_VMCALL)
        return result;
    print("the kernels exit: reason %x, qualification %lx\n", reason,
          (word)vmread(EXIT_QUALIFICATION));
    return 1;
}
