/* INIT and SIPI: the second processor runs the guest, the first sends the signals. */
#include "events.h"

#define TRAMPOLINE 0x8000
#define TO_OTHERS 0xc0000
#define ASSERT_INIT 0x4500
#define STARTUP 0x4600
#define SIPI_VECTOR 0x9a
#define WAITING "SIPI 0x9a in wait-for-SIPI"
#define LOOPING "INIT in a guest that loops"
#define PATIENCE 50000
/* Loops between INIT and SIPI, and between SIPIs. */
#define DELAY 1000

extern const u8 ap_start[], ap_start_end[];
static volatile unsigned stage;
enum { STARTED = 1, WAITS_FOR_SIPI, HAD_SIPI, LOOPS, HAD_INIT };

static int reached(unsigned wanted, unsigned patience)
{
    while (stage < wanted && patience--)
        asm volatile("pause");
    return stage >= wanted;
}

/* The second processor's share. */
void ap_main(unsigned processor)
{
    (void)processor;
    traps_load();
    stage = STARTED;
    vmx_on(1);
    STEP_OF("sipi", WAITING);
    vmwrite(GUEST_ACTIVITY_STATE, ACTIVITY_WAIT_FOR_SIPI);
    stage = WAITS_FOR_SIPI;
    run(CODE("nop"));
    exits(REASON_SIPI);
    is("qualification", vmread(EXIT_QUALIFICATION), SIPI_VECTOR);
    end();
    stage = HAD_SIPI;
    STEP_OF("init", LOOPING);
    stage = LOOPS;
    run(CODE("mov $200000, %%ecx\n 1: pause; dec %%ecx; jnz 1b"));
    exits(REASON_INIT);
    end();
    vmclear((const void *)vmx_vmcs_address());
    stage = HAD_INIT;
}

static void second_processor(void)
{
    memcpy((void *)TRAMPOLINE, ap_start, (word)(ap_start_end - ap_start));
    vmclear((const void *)vmx_vmcs_address());
    apic_write(APIC_COMMAND, TO_OTHERS | ASSERT_INIT);
    reached(STARTED, DELAY);
    apic_write(APIC_COMMAND, TO_OTHERS | STARTUP | TRAMPOLINE >> 12);
    if (!reached(STARTED, PATIENCE)) {
        STEP_OF("sipi", WAITING);
        needs(0, "one processor");
        STEP_OF("init", LOOPING);
        needs(0, "one processor");
        return;
    }
    reached(WAITS_FOR_SIPI, ~0u);
    /* Ignored until the guest waits for it. */
    while (!reached(HAD_SIPI, DELAY))
        apic_write(APIC_COMMAND, TO_OTHERS | STARTUP | SIPI_VECTOR);
    reached(LOOPS, ~0u);
    apic_write(APIC_COMMAND, TO_OTHERS | ASSERT_INIT);
    reached(HAD_INIT, ~0u);
}

void processor_steps(void)
{
    heading("INIT and SIPI");
    second_processor();
    STEP_OF("init", "INIT that came in root operation");
    apic_write(APIC_DESTINATION, apic_read(0x20));
    apic_write(APIC_COMMAND, ASSERT_INIT);
    const u8 *code = CODE("nop");
    run(code);
    exits(REASON_INIT);
    is("RIP past start", rip_past(code), 0);
    end();
}
