/* x2APIC mode: MSRs that are registers of the virtual-APIC page. */
#include "apic.h"

static u8 msr_bitmap[4096] PAGE;

static void use_msrs(void)
{
    use_apic_pages();
    memset(msr_bitmap, 0, sizeof msr_bitmap);
    vmwrite(MSR_BITMAP, (u64)msr_bitmap);
    vmwrite(GUEST_RFLAGS, 2 | FLAG_INTERRUPT);
}

void x2apic_steps(void)
{
    heading("x2APIC mode");
    if (STEP("WRMSR and RDMSR of the TPR", SECONDARY_VIRTUALIZE_X2APIC_MODE, PRIMARY_USE_TPR_SHADOW,
             PRIMARY_USE_MSR_BITMAPS)) {
        use_msrs();
        run(CODE("mov $0x808, %%ecx; mov $0x50, %%eax; xor %%edx, %%edx; wrmsr; xor %%eax, %%eax;"
                 "rdmsr; mov %%cr8, %%rbx"));
        exits(REASON_VMCALL);
        is("RAX", guest.rax, 0x50);
        is("CR8", guest.rbx, 5);
        is("virtual TPR", virtual_register(TPR), 0x50);
        end();
    }
    if (STEP("WRMSR of 0x100 to the TPR raises #GP", SECONDARY_VIRTUALIZE_X2APIC_MODE,
             PRIMARY_USE_TPR_SHADOW, PRIMARY_USE_MSR_BITMAPS)) {
        use_msrs();
        vmwrite(EXCEPTION_BITMAP, 1 << 13);
        run(CODE("mov $0x808, %%ecx; mov $0x100, %%eax; xor %%edx, %%edx; wrmsr"));
        exits(REASON_EXCEPTION_OR_NMI);
        is("interruption", vmread(EXIT_INTR_INFO), VALID | 0xb0d);
        end();
    }
    if (STEP("RDMSR of the ID, with register virtualization", SECONDARY_VIRTUALIZE_X2APIC_MODE,
             SECONDARY_APIC_REGISTER_VIRTUALIZATION, PRIMARY_USE_TPR_SHADOW,
             PRIMARY_USE_MSR_BITMAPS)) {
        use_msrs();
        set_virtual_register(0x20, 0x1234);
        run(CODE("mov $0x802, %%ecx; rdmsr"));
        exits(REASON_VMCALL);
        is("RAX", guest.rax, 0x1234);
        end();
    }
    if (STEP("WRMSR of the self-IPI 0x61, with virtual-interrupt delivery",
             SECONDARY_VIRTUALIZE_X2APIC_MODE, SECONDARY_VIRTUAL_INTERRUPT_DELIVERY,
             PIN_EXTERNAL_INTERRUPT_EXITING, PRIMARY_USE_TPR_SHADOW, PRIMARY_USE_MSR_BITMAPS)) {
        use_msrs();
        run(CODE("mov $0x83f, %%ecx; mov $0x61, %%eax; xor %%edx, %%edx; wrmsr; nop"));
        delivers(0x61);
        is("SVI and RVI", vmread(GUEST_INTERRUPT_STATUS), 0x6100);
        when("WRMSR of EOI with its EOI-exit bit set");
        vmwrite(EOI_EXIT_BITMAP1, 1ull << 0x21);
        run(CODE("mov $0x80b, %%ecx; xor %%eax, %%eax; xor %%edx, %%edx; wrmsr"));
        exits(REASON_VIRTUALIZED_EOI);
        is("qualification", vmread(EXIT_QUALIFICATION), 0x61);
        end();
    }
    if (STEP_OF("apic_write", "WRMSR of the self-IPI 0x0f", SECONDARY_VIRTUALIZE_X2APIC_MODE,
                SECONDARY_VIRTUAL_INTERRUPT_DELIVERY, PIN_EXTERNAL_INTERRUPT_EXITING,
                PRIMARY_USE_TPR_SHADOW, PRIMARY_USE_MSR_BITMAPS)) {
        use_msrs();
        run(CODE("mov $0x83f, %%ecx; mov $0xf, %%eax; xor %%edx, %%edx; wrmsr; nop"));
        exits(REASON_APIC_WRITE);
        is("qualification", vmread(EXIT_QUALIFICATION), SELF_IPI_MSR);
        end();
    }
}
