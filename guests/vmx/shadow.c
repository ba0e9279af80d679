/* VMCS shadowing: VMREAD and VMWRITE of a guest that reach a VMCS of its own. */
#include "controls.h"

#define SHADOW (1u << 31)

static u8 shadow_region[4096] PAGE, read_bitmap[4096] PAGE, write_bitmap[4096] PAGE;

static void with_shadow(u64 selector)
{
    memset(read_bitmap, 0, sizeof read_bitmap);
    memset(write_bitmap, 0, sizeof write_bitmap);
    vmclear(shadow_region);
    memset(shadow_region, 0, sizeof shadow_region);
    *(u32 *)shadow_region = (u32)rdmsr(MSR_VMX_BASIC) | SHADOW;
    vmclear(shadow_region);
    vmptrld(shadow_region);
    vmwrite(GUEST_ES_SELECTOR, selector);
    vmclear(shadow_region);
    vmptrld((const void *)vmx_vmcs_address());
    vmwrite(VMCS_LINK_POINTER, (u64)shadow_region);
    vmwrite(VMREAD_BITMAP_ADDR, (u64)read_bitmap);
    vmwrite(VMWRITE_BITMAP_ADDR, (u64)write_bitmap);
}

void shadow_steps(void)
{
    heading("VMCS shadowing");
    const u8 *read = CODE("mov $0x800, %%eax; vmread %%rax, %%rbx");
    const u8 *write = CODE("mov $0x800, %%eax; mov $0x77, %%ecx; vmwrite %%rcx, %%rax");
    if (STEP("VMREAD and VMWRITE of guest_es_selector", SECONDARY_VMCS_SHADOWING)) {
        with_shadow(0x55);
        run(read);
        exits(REASON_VMCALL);
        is("RBX", guest.rbx, 0x55);
        run(write);
        exits(REASON_VMCALL);
        run(read);
        is("RBX", guest.rbx, 0x77);
        when("bits set");
        read_bitmap[0x800 / 8] = write_bitmap[0x800 / 8] = 1;
        run(read);
        exits(REASON_VMREAD);
        run(write);
        exits(REASON_VMWRITE);
        when("in the host");
        vmclear((const void *)vmx_vmcs_address());
        vmptrld(shadow_region);
        is("the shadow VMCS has", vmread(GUEST_ES_SELECTOR), 0x77);
        vmclear(shadow_region);
        vmptrld((const void *)vmx_vmcs_address());
        end();
    }
    if (STEP_OF("VM entry", "VMLAUNCH of a shadow VMCS", SECONDARY_VMCS_SHADOWING)) {
        with_shadow(0);
        vmclear((const void *)vmx_vmcs_address());
        vmptrld(shadow_region);
        u8 failed_invalid;
        asm volatile("vmlaunch; setc %0" : "=r"(failed_invalid)::"cc", "memory");
        is("VMfailInvalid", failed_invalid, 1);
        vmclear(shadow_region);
        vmptrld((const void *)vmx_vmcs_address());
        end();
    }
}
