/* Events that the host injects by VM entry. */
#include "events.h"

static u64 on_stack(unsigned place)
{
    return ((u64 *)vmread(GUEST_RSP))[place];
}

/* The guest's handler stands on its stack: vector, error code if any, RIP, CS, RFLAGS. */
static void inject(const char *what, u32 info, u32 error, u32 length, u64 pushed_past)
{
    STEP_OF("event injection", what);
    const u8 *code = CODE("nop; nop; nop");
    vmwrite(VMENTRY_INTR_INFO, VALID | info);
    vmwrite(VMENTRY_EXCEPTION_ERROR_CODE, error);
    vmwrite(VMENTRY_INSTRUCTION_LENGTH, length);
    if (!(info & 0x700))
        vmwrite(GUEST_RFLAGS, 2 | FLAG_INTERRUPT);
    run(code);
    delivers(info & 0xff);
    unsigned rip = info & ERROR_CODE ? 2 : 1;
    if (info & ERROR_CODE)
        is("error code", on_stack(1), error);
    is("pushed RIP past start", on_stack(rip) - (u64)code, pushed_past);
    is("valid afterwards", vmread(VMENTRY_INTR_INFO) & VALID, 0);
    end();
}

void injection_steps(void)
{
    heading("injection");
    inject("external interrupt 0x60", 0x60, 0, 0, 0);
    inject("hardware exception #UD", TYPE_EXCEPTION | 6, 0, 0, 0);
    inject("hardware exception #GP(0x128)", TYPE_EXCEPTION | ERROR_CODE | 13, 0x128, 0, 0);
    inject("software interrupt INT 0x70", TYPE_SOFTWARE_INTERRUPT | 0x70, 0, 2, 2);
    inject("privileged software exception INT1", TYPE_PRIVILEGED_SOFTWARE | 1, 0, 1, 1);
    inject("software exception INT3", TYPE_SOFTWARE_EXCEPTION | 3, 0, 1, 1);
    STEP_OF("event injection", "other event 0: monitor trap flag without its control");
    if (needs(vmx_available(PRIMARY_MONITOR_TRAP_FLAG), "no monitor trap flag")) {
        const u8 *code = CODE("nop");
        vmwrite(VMENTRY_INTR_INFO, VALID | TYPE_OTHER);
        run(code);
        exits(REASON_MONITOR_TRAP_FLAG);
        is("RIP past start", rip_past(code), 0);
        end();
    }
    STEP_OF("event injection", "#UD with its bit in the exception bitmap set");
    vmwrite(EXCEPTION_BITMAP, 1 << 6);
    vmwrite(VMENTRY_INTR_INFO, VALID | TYPE_EXCEPTION | 6);
    run(CODE("nop"));
    delivers(6);
    end();
    STEP_OF("event injection", "#UD, IDT limit 0, #GP selected");
    vmwrite(EXCEPTION_BITMAP, 1 << 13);
    vmwrite(GUEST_IDTR_LIMIT, 0);
    vmwrite(VMENTRY_INTR_INFO, VALID | TYPE_EXCEPTION | 6);
    run(CODE("nop"));
    exits(REASON_EXCEPTION_OR_NMI);
    is("error code", vmread(EXIT_INTR_ERROR_CODE), 6 << 3 | 3);
    is("IDT-vectoring", vmread(IDT_VECTORING_INFO), VALID | TYPE_EXCEPTION | 6);
    end();
    STEP_OF("event injection", "external interrupt 0x60 into HLT");
    vmwrite(GUEST_ACTIVITY_STATE, ACTIVITY_HLT);
    vmwrite(GUEST_RFLAGS, 2 | FLAG_INTERRUPT);
    vmwrite(VMENTRY_INTR_INFO, VALID | 0x60);
    run(CODE("nop"));
    delivers(0x60);
    is("activity state", vmread(GUEST_ACTIVITY_STATE), 0);
    end();
    STEP_OF("event injection", "NMI into shutdown");
    if (needs(rdmsr(MSR_VMX_MISC) >> 7 & 1, "no activity state of shutdown")) {
        vmwrite(GUEST_ACTIVITY_STATE, ACTIVITY_SHUTDOWN);
        vmwrite(VMENTRY_INTR_INFO, VALID | TYPE_NMI | 2);
        run(CODE("nop"));
        delivers(2);
        is("activity state", vmread(GUEST_ACTIVITY_STATE), 0);
        unblock_nmis();
        end();
    }
    STEP_OF("pending debug exceptions", "BS with TF set");
    vmwrite(EXCEPTION_BITMAP, 1 << 1);
    vmwrite(GUEST_RFLAGS, 2 | FLAG_TRAP);
    vmwrite(GUEST_PENDING_DEBUG, 0x4000);
    const u8 *code = CODE("nop");
    run(code);
    exits(REASON_EXCEPTION_OR_NMI);
    is("interruption", vmread(EXIT_INTR_INFO), VALID | TYPE_EXCEPTION | 1);
    is("qualification", vmread(EXIT_QUALIFICATION), 0x4000);
    is("RIP past start", rip_past(code), 0);
    end();
}
