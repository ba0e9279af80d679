/* One line a step: what was set, what happened, and whether the SDM has it so. */
#include "vmx.h"

static const char *const reasons[] = {EXIT_REASON_NAMES};
static const char *const controls_by_number[] = {CONTROL_NAMES};
static u32 last_reason;
static unsigned steps, wrong, unavailable;
static char expected[512];
static unsigned expected_length;
static int first_word;

static void expect_text(const char *text)
{
    while (*text && expected_length < sizeof expected - 1)
        expected[expected_length++] = *text++;
    expected[expected_length] = 0;
}

static void expect_number(u64 value)
{
    char digits[20];
    int at = sizeof digits;
    digits[--at] = 0;
    do {
        digits[--at] = "0123456789abcdef"[value & 15];
        value >>= 4;
    } while (value);
    expect_text("0x");
    expect_text(digits + at);
}

static void expect_name(const char *name)
{
    if (expected_length)
        expect_text(", ");
    expect_text(name);
    expect_text(" ");
}

void say(const char *text)
{
    if (!first_word)
        print(",");
    first_word = 0;
    print(" %s", text);
}

void when(const char *text)
{
    print("%s %s:", first_word ? "" : ";", text);
    first_word = 1;
}

void heading(const char *text)
{
    print("-- %s\n", text);
}

int begin(const char *subject, const char *what, const u16 *controls)
{
    vmx_reset();
    expected_length = 0;
    first_word = 1;
    steps++;
    print("%s: %s:", subject ? subject : controls_by_number[controls[0]], what);
    for (unsigned i = 0; controls[i] != NO_CONTROL; i++)
        if (!vmx_available(controls[i])) {
            print(" not available\n");
            unavailable++;
            return 0;
        }
    for (unsigned i = 0; controls[i] != NO_CONTROL; i++)
        vmx_set(controls[i]);
    return 1;
}

int needs(int condition, const char *why_not)
{
    if (condition)
        return 1;
    print(" not available: %s\n", why_not);
    unavailable++;
    return 0;
}

void run(const u8 *code)
{
    vmwrite(GUEST_RIP, (u64)code);
    last_reason = vmx_resume();
}

void go_on(void)
{
    last_reason = vmx_resume();
}

static const char *reason_name(u32 reason)
{
    u32 basic = reason & 0xffff;
    if (basic < sizeof reasons / sizeof reasons[0] && reasons[basic])
        return reasons[basic];
    return "unknown";
}

void exits(u32 reason)
{
    if (last_reason & VM_FAIL && !(last_reason & ENTRY_FAILURE)) {
        say("VM-instruction error");
        print(" %u", last_reason & 0xffff);
    } else {
        say(last_reason & ENTRY_FAILURE ? "entry fails with" : "exit");
        print(" %s (%u)", reason_name(last_reason), last_reason & 0xffff);
    }
    if (last_reason == reason)
        return;
    expect_name(reason & VM_FAIL ? "VM-instruction error" : reason_name(reason));
    expect_number(reason & 0xffff);
}

void is(const char *name, u64 value, u64 right)
{
    say(name);
    print(" 0x%lx", (word)value);
    if (value == right)
        return;
    expect_name(name);
    expect_number(right);
}

void holds(const char *name, int condition)
{
    say(name);
    if (condition)
        return;
    print(" (it is not so)");
    expect_name(name);
    expect_text("to hold");
}

void exits_by(u32 reason, u32 length, u64 qualification)
{
    exits(reason);
    is("length", vmread(EXIT_INSTRUCTION_LENGTH), length);
    is("qualification", vmread(EXIT_QUALIFICATION), qualification);
}

void delivers(unsigned vector)
{
    if (last_reason != REASON_VMCALL || vmread(GUEST_RIP) != (u64)guest_trap) {
        exits(~0u);
        return;
    }
    u64 seen = *(u64 *)vmread(GUEST_RSP) & 0xff;
    say("the guest gets vector");
    print(" 0x%lx", (word)seen);
    if (seen == vector)
        return;
    expect_name("vector");
    expect_number(vector);
}

void end(void)
{
    if (!expected_length) {
        print(": ok\n");
        return;
    }
    wrong++;
    print(": WRONG (expected %s)\n", expected);
}

unsigned summary(const char *image)
{
    print("%s: %u steps, %u right, %u wrong, %u not available\n", image, steps,
          steps - wrong - unavailable, wrong, unavailable);
    return wrong ? 1 : 0;
}

void shows(u16 control, const char *what, const u8 *code, u32 reason, u32 length, u64 qualification)
{
    if (!begin(0, what, (const u16[]){control, NO_CONTROL}))
        return;
    if (vmx_fixed(control)) {
        say("cannot be 0");
    } else {
        vmx_clear(control);
        when("without it");
        run(code);
        exits(REASON_VMCALL);
        vmx_set(control);
    }
    when("with it");
    run(code);
    exits_by(reason, length, qualification);
    end();
}

void info_is(u32 mask, u32 value)
{
    is("information", vmread(EXIT_INSTRUCTION_INFO) & mask, value);
}

int cpu_has(u32 leaf, u32 subleaf, unsigned reg, unsigned bit)
{
    u32 r[4];
    asm volatile("cpuid" : "=a"(r[0]), "=b"(r[1]), "=c"(r[2]), "=d"(r[3]) : "a"(leaf), "c"(subleaf));
    return r[reg] >> bit & 1;
}
