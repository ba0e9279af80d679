/* Virtual interrupts: delivery, the end of an interrupt, self-IPIs, the APIC-write exit. */
#include "apic.h"

#define VECTOR 0x61
#define LOWER 0x45

static int delivery_step(const char *subject, const char *what)
{
    static const u16 wanted[] = {
        SECONDARY_VIRTUAL_INTERRUPT_DELIVERY, SECONDARY_VIRTUALIZE_APIC_ACCESSES,
        PRIMARY_USE_TPR_SHADOW, PIN_EXTERNAL_INTERRUPT_EXITING, NO_CONTROL,
    };
    if (!begin(subject, what, wanted))
        return 0;
    use_apic_pages();
    vmwrite(GUEST_RFLAGS, 2 | FLAG_INTERRUPT);
    return 1;
}

static void status_is(u64 expected)
{
    is("SVI and RVI", vmread(GUEST_INTERRUPT_STATUS), expected);
}

static void deliveries(void)
{
    heading("virtual interrupts");
    if (delivery_step(0, "RVI 0x61 at the entry")) {
        set_vector(IRR, VECTOR);
        vmwrite(GUEST_INTERRUPT_STATUS, VECTOR);
        run(CODE("nop"));
        delivers(VECTOR);
        status_is(VECTOR << 8);
        is("in IRR", has_vector(IRR, VECTOR), 0);
        is("in ISR", has_vector(ISR, VECTOR), 1);
        is("virtual PPR", virtual_register(PPR), 0x60);
        end();
    }
    if (delivery_step(0, "RVI 0x61 below the TPR, which MOV to CR8 lowers")) {
        set_vector(IRR, VECTOR);
        set_virtual_register(TPR, 0x70);
        vmwrite(GUEST_INTERRUPT_STATUS, VECTOR);
        const u8 *code = CODE("nop; nop; vmcall; xor %%ebx, %%ebx; mov %%rbx, %%cr8; nop");
        run(code);
        exits(REASON_VMCALL);
        is("RIP past start", vmread(GUEST_RIP) - (u64)code, 2);
        status_is(VECTOR);
        vmx_skip();
        go_on();
        delivers(VECTOR);
        end();
    }
    if (delivery_step(0, "RVI 0x61 with IF 0, then STI")) {
        set_vector(IRR, VECTOR);
        vmwrite(GUEST_INTERRUPT_STATUS, VECTOR);
        vmwrite(GUEST_RFLAGS, 2);
        const u8 *code = CODE("nop; vmcall; sti; nop; nop");
        run(code);
        exits(REASON_VMCALL);
        vmx_skip();
        go_on();
        delivers(VECTOR);
        is("pushed RIP past start", ((u64 *)vmread(GUEST_RSP))[1] - (u64)code, 6);
        end();
    }
    if (delivery_step("virtualized_eoi", "store to EOI, SVI 0x61, its EOI-exit bit set")) {
        set_vector(ISR, VECTOR);
        vmwrite(GUEST_INTERRUPT_STATUS, VECTOR << 8);
        vmwrite(EOI_EXIT_BITMAP1, 1ull << (VECTOR - 64));
        const u8 *code = CODE(APIC_TEXT "xor %%ebx, %%ebx; mov %%ebx, 0xb0(%%rax); nop");
        run(code);
        exits(REASON_VIRTUALIZED_EOI);
        is("qualification", vmread(EXIT_QUALIFICATION), VECTOR);
        is("RIP past start", vmread(GUEST_RIP) - (u64)code, 18);
        status_is(0);
        is("in ISR", has_vector(ISR, VECTOR), 0);
        end();
    }
    if (delivery_step(0, "store to EOI, SVI 0x61, a lower one waits")) {
        set_vector(ISR, VECTOR);
        set_vector(IRR, LOWER);
        vmwrite(GUEST_INTERRUPT_STATUS, VECTOR << 8 | LOWER);
        run(CODE(APIC_TEXT "xor %%ebx, %%ebx; mov %%ebx, 0xb0(%%rax); nop"));
        delivers(LOWER);
        status_is(LOWER << 8);
        end();
    }
    if (delivery_step(0, "self-IPI 0x61 through the ICR")) {
        run(CODE(APIC_TEXT "movl $0x40061, 0x300(%%rax); nop"));
        delivers(VECTOR);
        status_is(VECTOR << 8);
        end();
    }
    if (delivery_step("apic_write", "NMI to itself through the ICR")) {
        run(CODE(APIC_TEXT "movl $0x40400, 0x300(%%rax); nop"));
        exits(REASON_APIC_WRITE);
        is("qualification", vmread(EXIT_QUALIFICATION), 0x300);
        is("stored", virtual_register(0x300), 0x40400);
        end();
    }
    if (delivery_step(0, "RVI 0x61 with interrupt_window_exiting")) {
        vmx_set(PRIMARY_INTERRUPT_WINDOW_EXITING);
        set_vector(IRR, VECTOR);
        vmwrite(GUEST_INTERRUPT_STATUS, VECTOR);
        run(CODE("nop"));
        exits(REASON_INTERRUPT_WINDOW);
        status_is(VECTOR);
        end();
    }
}

void virtual_interrupt_steps(void)
{
    deliveries();
}
