/* Exceptions of guests: the exception bitmap, what an exit tells, and what is left of a bad IDT. */
#include "events.h"

#define UNMAPPED "movabs $0x8000000000, %%rax;"

volatile unsigned host_interrupts;

static void count_interrupt(struct frame *frame)
{
    (void)frame;
    host_interrupts++;
    apic_write(APIC_END, 0);
}

u64 rip_past(const u8 *code)
{
    return vmread(GUEST_RIP) - (u64)code;
}

/* Delivered in the guest, or an exit when its bit is set in the exception bitmap. */
static void both_ways(const char *what, const u8 *code, unsigned vector, u32 info)
{
    STEP_OF("exception_or_nmi", what);
    when("bit clear");
    run(code);
    delivers(vector);
    when("bit set");
    vmwrite(EXCEPTION_BITMAP, 1u << vector);
    vmwrite(GUEST_RSP, STACK_TOP(guest_stack));
    run(code);
    exits(REASON_EXCEPTION_OR_NMI);
    is("interruption", vmread(EXIT_INTR_INFO), VALID | info | vector);
}

static void exceptions(void)
{
    heading("exceptions");
    const u8 *code = CODE("ud2");
    both_ways("#UD by UD2", code, 6, TYPE_EXCEPTION);
    is("RIP past start", rip_past(code), 0);
    end();
    both_ways("#GP by a selector beyond the GDT", CODE("mov $0x68, %%eax; mov %%eax, %%ds"), 13,
              TYPE_EXCEPTION | ERROR_CODE);
    is("error code", vmread(EXIT_INTR_ERROR_CODE), 0x68);
    end();
    both_ways("#DE by DIV", CODE("xor %%ecx, %%ecx; div %%ecx"), 0, TYPE_EXCEPTION);
    end();
    both_ways("#BP by INT3", CODE("int3"), 3, TYPE_SOFTWARE_EXCEPTION);
    is("length", vmread(EXIT_INSTRUCTION_LENGTH), 1);
    end();
    both_ways("#DB by INT1", CODE(".byte 0xf1"), 1, TYPE_PRIVILEGED_SOFTWARE);
    is("length", vmread(EXIT_INSTRUCTION_LENGTH), 1);
    end();

    STEP_OF("exception_or_nmi", "INT 6 with the bit of #UD set");
    vmwrite(EXCEPTION_BITMAP, 1 << 6);
    run(CODE("int $6"));
    delivers(6);
    end();

    STEP_OF("exception_or_nmi", "#DB by a single step");
    vmwrite(EXCEPTION_BITMAP, 1 << 1);
    vmwrite(GUEST_RFLAGS, 2 | FLAG_TRAP);
    code = CODE("nop");
    run(code);
    exits(REASON_EXCEPTION_OR_NMI);
    is("interruption", vmread(EXIT_INTR_INFO), VALID | TYPE_EXCEPTION | 1);
    is("qualification", vmread(EXIT_QUALIFICATION), 0x4000);
    is("RIP past start", rip_past(code), 1);
    end();
}

static void page_faults(void)
{
    heading("page faults by error code");
    const u8 *read = CODE(UNMAPPED "mov (%%rax), %%ebx");
    const u8 *write = CODE(UNMAPPED "mov %%ebx, 8(%%rax)");
    STEP_OF("exception_or_nmi", "#PF, mask 2, match 2, bit set");
    vmwrite(EXCEPTION_BITMAP, 1 << 14);
    vmwrite(PF_ERROR_CODE_MASK, 2);
    vmwrite(PF_ERROR_CODE_MATCH, 2);
    when("read");
    run(read);
    delivers(14);
    when("write");
    run(write);
    exits(REASON_EXCEPTION_OR_NMI);
    is("interruption", vmread(EXIT_INTR_INFO), VALID | TYPE_EXCEPTION | ERROR_CODE | 14);
    is("error code", vmread(EXIT_INTR_ERROR_CODE), 2);
    is("qualification", vmread(EXIT_QUALIFICATION), 0x8000000008);
    end();
    STEP_OF("exception_or_nmi", "#PF, mask 2, match 2, bit clear");
    vmwrite(PF_ERROR_CODE_MASK, 2);
    vmwrite(PF_ERROR_CODE_MATCH, 2);
    when("read");
    run(read);
    exits(REASON_EXCEPTION_OR_NMI);
    when("write");
    run(write);
    delivers(14);
    end();
}

/* An IDT without entries: #UD leads to #GP, that to #DF, and that to the end. */
static void bad_idt(void)
{
    heading("events that cannot be delivered");
    STEP_OF("triple_fault", "UD2, IDT limit 0");
    vmwrite(GUEST_IDTR_LIMIT, 0);
    run(CODE("ud2"));
    exits(REASON_TRIPLE_FAULT);
    is("IDT-vectoring", vmread(IDT_VECTORING_INFO) & VALID, 0);
    end();
    STEP_OF("exception_or_nmi", "UD2, IDT limit 0, #DF selected");
    vmwrite(GUEST_IDTR_LIMIT, 0);
    vmwrite(EXCEPTION_BITMAP, 1 << 8);
    run(CODE("ud2"));
    exits(REASON_EXCEPTION_OR_NMI);
    is("interruption", vmread(EXIT_INTR_INFO) & ~0x1000ull,
       VALID | TYPE_EXCEPTION | ERROR_CODE | 8);
    end();
    STEP_OF("exception_or_nmi", "UD2, IDT limit 0, #GP selected");
    vmwrite(GUEST_IDTR_LIMIT, 0);
    vmwrite(EXCEPTION_BITMAP, 1 << 13);
    run(CODE("ud2"));
    exits(REASON_EXCEPTION_OR_NMI);
    is("interruption", vmread(EXIT_INTR_INFO) & ~0x1000ull,
       VALID | TYPE_EXCEPTION | ERROR_CODE | 13);
    is("error code", vmread(EXIT_INTR_ERROR_CODE), 6 << 3 | 3);
    is("IDT-vectoring", vmread(IDT_VECTORING_INFO), VALID | TYPE_EXCEPTION | 6);
    end();
    STEP_OF("exception_or_nmi", "INT 0x30, IDT limit 0, #GP selected");
    vmwrite(GUEST_IDTR_LIMIT, 0);
    vmwrite(EXCEPTION_BITMAP, 1 << 13);
    run(CODE("int $0x30"));
    exits(REASON_EXCEPTION_OR_NMI);
    is("error code", vmread(EXIT_INTR_ERROR_CODE), 0x30 << 3 | 2);
    is("IDT-vectoring", vmread(IDT_VECTORING_INFO), VALID | TYPE_SOFTWARE_INTERRUPT | 0x30);
    is("length", vmread(EXIT_INSTRUCTION_LENGTH), 2);
    end();
}

unsigned guest_main(u32 boot_info)
{
    (void)boot_info;
    outb(0x3fb, 3);
    traps_init();
    pic_init();
    trap_handle(0x50, count_interrupt);
    apic_write(APIC_SPURIOUS, 0x1ff);
    vmx_on(0);
    exceptions();
    page_faults();
    bad_idt();
    interrupt_steps();
    injection_steps();
    processor_steps();
    return summary("vmx-events");
}
