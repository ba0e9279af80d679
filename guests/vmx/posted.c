/* Posted interrupts, and IPIs that a guest posts by itself. */
#include "apic.h"

#define NOTIFICATION 0x72

static struct {
    u32 requests[8];
    u8 outstanding, reserved, vector, reserved2;
    u32 destination;
    u32 unused[6];
} descriptor __attribute__((aligned(64)));
static u64 pid_pointers[2] __attribute__((aligned(64)));

static const u16 posted_controls[] = {
    PIN_PROCESS_POSTED_INTERRUPTS, PIN_EXTERNAL_INTERRUPT_EXITING,
    SECONDARY_VIRTUAL_INTERRUPT_DELIVERY, SECONDARY_VIRTUALIZE_APIC_ACCESSES,
    PRIMARY_USE_TPR_SHADOW, EXIT_ACKNOWLEDGE_INTERRUPT_ON_EXIT, NO_CONTROL,
};
static const u16 ipi_controls[] = {
    TERTIARY_IPI_VIRTUALIZATION, PIN_PROCESS_POSTED_INTERRUPTS, PIN_EXTERNAL_INTERRUPT_EXITING,
    SECONDARY_VIRTUAL_INTERRUPT_DELIVERY, SECONDARY_VIRTUALIZE_APIC_ACCESSES,
    SECONDARY_APIC_REGISTER_VIRTUALIZATION, PRIMARY_USE_TPR_SHADOW,
    EXIT_ACKNOWLEDGE_INTERRUPT_ON_EXIT, NO_CONTROL,
};

static int posted_step(const char *subject, const char *what, const u16 *controls)
{
    if (!begin(subject, what, controls))
        return 0;
    use_apic_pages();
    memset(&descriptor, 0, sizeof descriptor);
    descriptor.vector = NOTIFICATION;
    descriptor.destination = apic_read(0x20) >> 24 << 8;
    vmwrite(POSTED_INTR_DESC_ADDR, (u64)&descriptor);
    vmwrite(POSTED_INTR_NOTIFICATION_VECTOR, NOTIFICATION);
    vmwrite(GUEST_RFLAGS, 2 | FLAG_INTERRUPT);
    pid_pointers[0] = (u64)&descriptor | 1;
    vmwrite(PID_POINTER_TABLE_ADDR, (u64)pid_pointers);
    vmwrite(LAST_PID_POINTER_INDEX, 0);
    return 1;
}

static void posted(void)
{
    heading("posted interrupts");
    if (posted_step(0, "vector 0x63 is posted, the notification comes", posted_controls)) {
        descriptor.requests[0x63 / 32] = 1u << 0x63 % 32;
        descriptor.outstanding = 1;
        run(CODE(SELF_IPI(0x72) WAIT));
        delivers(0x63);
        is("outstanding", descriptor.outstanding, 0);
        is("requests", descriptor.requests[0x63 / 32], 0);
        is("SVI and RVI", vmread(GUEST_INTERRUPT_STATUS), 0x6300);
        end();
    }
    if (posted_step("external_interrupt", "vector 0x51, which is not the notification",
                    posted_controls)) {
        run(CODE(SELF_IPI(0x51) WAIT));
        exits(REASON_EXTERNAL_INTERRUPT);
        is("interruption", vmread(EXIT_INTR_INFO), VALID | 0x51);
        apic_write(APIC_END, 0);
        end();
    }
}

static void virtual_ipis(void)
{
    heading("IPI virtualization");
    static const u16 tertiary[] = {PRIMARY_ACTIVATE_TERTIARY_CONTROLS, NO_CONTROL};
    const u8 *code = CODE(APIC_TEXT "movl $0x64, 0x300(%%rax);" WAIT);
    if (posted_step(0, "vector 0x64 through the ICR to APIC 0, which is this one", ipi_controls)) {
        run(code);
        delivers(0x64);
        is("SVI and RVI", vmread(GUEST_INTERRUPT_STATUS), 0x6400);
        end();
    }
    if (posted_step(0, "the same, notifications suppressed", ipi_controls)) {
        descriptor.outstanding = 2;
        run(code);
        exits(REASON_VMCALL);
        is("requests", descriptor.requests[0x64 / 32], 1u << 0x64 % 32);
        end();
    }
    if (posted_step("apic_write", "vector 0x64 to APIC 1, which is not in the table", ipi_controls)) {
        set_virtual_register(APIC_DESTINATION, 1 << 24);
        run(code);
        exits(REASON_APIC_WRITE);
        is("qualification", vmread(EXIT_QUALIFICATION), 0x300);
        end();
    }
    if (begin(0, "IPI virtualization, its bit set in a word that is not active", tertiary)) {
        vmx_set(TERTIARY_IPI_VIRTUALIZATION);
        vmx_clear(PRIMARY_ACTIVATE_TERTIARY_CONTROLS);
        run(CODE("nop"));
        exits(REASON_VMCALL);
        when("active, without the TPR shadow that it needs");
        vmx_set(PRIMARY_ACTIVATE_TERTIARY_CONTROLS);
        run(CODE("nop"));
        exits(VM_FAIL | 7);
        end();
    }
}

void posted_steps(void)
{
    posted();
    virtual_ipis();
}
