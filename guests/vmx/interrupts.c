/* External interrupts and NMIs of guests, the windows that wait for them, and the timers. */
#include "events.h"

static void external_interrupts(void)
{
    const u8 *code = CODE(SELF_IPI(0x50) WAIT);
    heading("external interrupts and NMIs");
    if (STEP("the guest sends itself vector 0x50", PIN_EXTERNAL_INTERRUPT_EXITING)) {
        when("without it");
        vmx_clear(PIN_EXTERNAL_INTERRUPT_EXITING);
        vmwrite(GUEST_RFLAGS, 2 | FLAG_INTERRUPT);
        run(code);
        delivers(0x50);
        apic_write(APIC_END, 0);
        when("with it");
        vmx_set(PIN_EXTERNAL_INTERRUPT_EXITING);
        host_interrupts = 0;
        vmwrite(GUEST_RFLAGS, 2 | FLAG_INTERRUPT);
        run(code);
        exits(REASON_EXTERNAL_INTERRUPT);
        is("interruption", vmread(EXIT_INTR_INFO) & VALID, 0);
        take_interrupts();
        is("taken by the host after STI", host_interrupts, 1);
        end();
    }
    if (STEP("the same, acknowledged by the exit", EXIT_ACKNOWLEDGE_INTERRUPT_ON_EXIT,
             PIN_EXTERNAL_INTERRUPT_EXITING)) {
        host_interrupts = 0;
        vmwrite(GUEST_RFLAGS, 2 | FLAG_INTERRUPT);
        run(code);
        exits(REASON_EXTERNAL_INTERRUPT);
        is("interruption", vmread(EXIT_INTR_INFO), VALID | 0x50);
        take_interrupts();
        is("taken by the host after STI", host_interrupts, 0);
        apic_write(APIC_END, 0);
        end();
    }
    if (STEP("one that is pending at the entry, IF 0 in host and guest",
             PIN_EXTERNAL_INTERRUPT_EXITING)) {
        apic_write(APIC_COMMAND, 0x44050);
        const u8 *nothing = CODE("nop");
        run(nothing);
        exits(REASON_EXTERNAL_INTERRUPT);
        is("RIP past start", rip_past(nothing), 0);
        take_interrupts();
        end();
    }
}

static void nmis(void)
{
    const u8 *code = CODE(SELF_NMI WAIT);
    if (STEP("the guest sends itself an NMI", PIN_NMI_EXITING)) {
        when("without it");
        vmx_clear(PIN_NMI_EXITING);
        run(code);
        delivers(2);
        unblock_nmis();
        vmwrite(GUEST_INTERRUPTIBILITY, 0);
        when("with it");
        vmx_set(PIN_NMI_EXITING);
        run(code);
        exits(REASON_EXCEPTION_OR_NMI);
        is("interruption", vmread(EXIT_INTR_INFO), VALID | TYPE_NMI | 2);
        unblock_nmis();
        end();
    }
    if (STEP("an NMI is injected, the handler returns", PIN_VIRTUAL_NMIS, PIN_NMI_EXITING)) {
        vmwrite(VMENTRY_INTR_INFO, VALID | TYPE_NMI | 2);
        run(CODE("nop"));
        delivers(2);
        is("interruptibility", vmread(GUEST_INTERRUPTIBILITY), BLOCKED_BY_NMI);
        vmx_skip();
        go_on();
        exits(REASON_VMCALL);
        is("interruptibility", vmread(GUEST_INTERRUPTIBILITY), 0);
        end();
    }
    if (STEP("an NMI in a guest with virtual-NMI blocking", PIN_VIRTUAL_NMIS, PIN_NMI_EXITING)) {
        vmwrite(GUEST_INTERRUPTIBILITY, BLOCKED_BY_NMI);
        run(code);
        exits(REASON_EXCEPTION_OR_NMI);
        is("interruption", vmread(EXIT_INTR_INFO), VALID | TYPE_NMI | 2);
        unblock_nmis();
        end();
    }
}

static void windows(void)
{
    heading("windows");
    if (STEP("IRET unblocks NMIs", PRIMARY_NMI_WINDOW_EXITING, PIN_VIRTUAL_NMIS, PIN_NMI_EXITING)) {
        vmwrite(GUEST_INTERRUPTIBILITY, BLOCKED_BY_NMI);
        run(CODE("mov %%rsp, %%rax; mov $1f, %%ebx; pushq $0x10; push %%rax; pushf; pushq $8;"
                 "push %%rbx; iretq\n 1: nop; nop"));
        exits(REASON_NMI_WINDOW);
        holds("at the instruction after IRET", vmread(GUEST_RIP) == guest.rbx);
        end();
    }
    if (STEP("none blocked", PRIMARY_NMI_WINDOW_EXITING, PIN_VIRTUAL_NMIS, PIN_NMI_EXITING)) {
        const u8 *code = CODE("nop");
        run(code);
        exits(REASON_NMI_WINDOW);
        is("RIP past start", rip_past(code), 0);
        end();
    }
    if (STEP("STI, NOP, NOP", PRIMARY_INTERRUPT_WINDOW_EXITING)) {
        const u8 *code = CODE("sti; nop; nop");
        run(code);
        exits(REASON_INTERRUPT_WINDOW);
        is("RIP past start", rip_past(code), 2);
        end();
    }
    if (STEP("a guest that enters in HLT", PRIMARY_INTERRUPT_WINDOW_EXITING,
             PIN_ACTIVATE_PREEMPTION_TIMER)) {
        vmwrite(VMX_PREEMPTION_TIMER_VALUE, 10000);
        vmwrite(GUEST_RFLAGS, 2 | FLAG_INTERRUPT);
        vmwrite(GUEST_ACTIVITY_STATE, ACTIVITY_HLT);
        run(CODE("nop"));
        exits(REASON_INTERRUPT_WINDOW);
        end();
    }
    if (STEP("IF 1 at the entry", PRIMARY_INTERRUPT_WINDOW_EXITING)) {
        const u8 *code = CODE("nop");
        vmwrite(GUEST_RFLAGS, 2 | FLAG_INTERRUPT);
        run(code);
        exits(REASON_INTERRUPT_WINDOW);
        is("RIP past start", rip_past(code), 0);
        end();
    }
}

static void stepping(void)
{
    heading("monitor trap flag and preemption timer");
    if (STEP("NOP", PRIMARY_MONITOR_TRAP_FLAG)) {
        const u8 *code = CODE("nop; nop");
        run(code);
        exits(REASON_MONITOR_TRAP_FLAG);
        is("RIP past start", rip_past(code), 1);
        go_on();
        exits(REASON_MONITOR_TRAP_FLAG);
        is("RIP past start", rip_past(code), 2);
        end();
    }
    if (STEP("REP STOSB, one iteration", PRIMARY_MONITOR_TRAP_FLAG)) {
        const u8 *code = CODE("rep stosb");
        guest.rcx = 3;
        guest.rdi = 0x9000;
        run(code);
        exits(REASON_MONITOR_TRAP_FLAG);
        is("RIP past start", rip_past(code), 0);
        is("RCX", guest.rcx, 2);
        end();
    }
    if (STEP("CPUID, which exits by itself", PRIMARY_MONITOR_TRAP_FLAG)) {
        run(CODE("cpuid"));
        exits(REASON_CPUID);
        end();
    }
    if (STEP("a single step as well", PRIMARY_MONITOR_TRAP_FLAG)) {
        const u8 *code = CODE("nop; nop");
        vmwrite(GUEST_RFLAGS, 2 | FLAG_TRAP);
        run(code);
        exits(REASON_MONITOR_TRAP_FLAG);
        is("pending debug exceptions", vmread(GUEST_PENDING_DEBUG), 0x4000);
        end();
    }
    if (STEP("an event is injected", PRIMARY_MONITOR_TRAP_FLAG)) {
        vmwrite(VMENTRY_INTR_INFO, VALID | TYPE_EXCEPTION | 6);
        run(CODE("nop"));
        exits(REASON_MONITOR_TRAP_FLAG);
        holds("at the handler of #UD", vmread(GUEST_RIP) == (u64)guest_entries + 6 * 16);
        end();
    }
    if (STEP("timer 0", PIN_ACTIVATE_PREEMPTION_TIMER)) {
        const u8 *code = CODE("nop");
        run(code);
        exits(REASON_PREEMPTION_TIMER);
        is("RIP past start", rip_past(code), 0);
        end();
    }
    if (STEP("timer 100 in a loop without end", PIN_ACTIVATE_PREEMPTION_TIMER)) {
        vmwrite(VMX_PREEMPTION_TIMER_VALUE, 100);
        run(CODE("1: inc %%rax; jmp 1b"));
        exits(REASON_PREEMPTION_TIMER);
        holds("the loop has run", guest.rax > 0);
        end();
    }
    if (STEP("timer 100 in HLT", PIN_ACTIVATE_PREEMPTION_TIMER)) {
        vmwrite(VMX_PREEMPTION_TIMER_VALUE, 100);
        run(CODE("hlt"));
        exits(REASON_PREEMPTION_TIMER);
        is("activity state", vmread(GUEST_ACTIVITY_STATE), ACTIVITY_HLT);
        end();
    }
    if (STEP("timer 0xffffff00 and VMCALL", EXIT_SAVE_PREEMPTION_TIMER,
             PIN_ACTIVATE_PREEMPTION_TIMER)) {
        const u8 *code = CODE("mov $50000, %%ecx\n 1: dec %%ecx; jnz 1b");
        when("without it");
        vmx_clear(EXIT_SAVE_PREEMPTION_TIMER);
        vmwrite(VMX_PREEMPTION_TIMER_VALUE, 0xffffff00);
        run(code);
        exits(REASON_VMCALL);
        is("field", vmread(VMX_PREEMPTION_TIMER_VALUE), 0xffffff00);
        when("with it");
        vmx_set(EXIT_SAVE_PREEMPTION_TIMER);
        run(code);
        exits(REASON_VMCALL);
        holds("field is less", vmread(VMX_PREEMPTION_TIMER_VALUE) < 0xffffff00);
        end();
    }
}

void interrupt_steps(void)
{
    external_interrupts();
    nmis();
    windows();
    stepping();
}
