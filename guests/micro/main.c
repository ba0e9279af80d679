/* Prepares what the loops need and enters the one that the command line names. */
#include "../lib/guest.h"

#define WINDOW 0x8000000000ull
#define WINDOW_STEP 0x1000000
#define COPIES 4
#define CODE_SELECTOR 8
#define INTERRUPT_GATE 0x8e
#define VECTOR_DE 0
#define VECTOR_IPI 0x40
#define MSR_APIC_BASE 0x1b
#define MSR_X2APIC_SPURIOUS 0x80f
#define READY_PORT 0xe9

struct loop {
    const char *name;
    void (*enter)(void *page);
};

#define LOOPS(row)                                                                                 \
    row(move) row(load) row(conflict) row(exception) row(add) row(port) row(interrupt) row(request)
#define DECLARE(name) void loop_##name(void *page);
#define ROW(name) {#name, loop_##name},
LOOPS(DECLARE)
static const struct loop loops[] = {LOOPS(ROW){0, 0}};

void skip_division(void);
void acknowledge(void);

extern u64 pml4[];
static u64 window_pdpt[512] __attribute__((aligned(4096)));
static u64 window_directory[512] __attribute__((aligned(4096)));
static u64 window_tables[COPIES][512] __attribute__((aligned(4096)));
static u8 frame[4096] __attribute__((aligned(4096)));
static u64 idt[256][2];

/* Maps the frame by 4 KiB pages, so that a walk has four levels. */
static void make_window(void)
{
    pml4[WINDOW >> 39] = (word)window_pdpt | 3;
    window_pdpt[0] = (word)window_directory | 3;
    for (int i = 0; i < COPIES; i++) {
        window_directory[i * (WINDOW_STEP >> 21)] = (word)window_tables[i] | 3;
        window_tables[i][0] = (word)frame | 3;
    }
}

static void set_gate(unsigned vector, void (*handler)(void))
{
    u64 at = (word)handler;
    idt[vector][0] = (at & 0xffff) | (u64)CODE_SELECTOR << 16 | (u64)INTERRUPT_GATE << 40 |
                     (at >> 16 & 0xffff) << 48;
    idt[vector][1] = at >> 32;
}

static void load_idt(void)
{
    struct {
        u16 limit;
        u64 base;
    } __attribute__((packed)) pointer = {sizeof idt - 1, (word)idt};
    asm volatile("lidt %0" ::"m"(pointer));
}

static u64 read_msr(u32 index)
{
    u32 low, high;
    asm volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(index));
    return low | (u64)high << 32;
}

static void write_msr(u32 index, u64 value)
{
    asm volatile("wrmsr" ::"c"(index), "a"((u32)value), "d"((u32)(value >> 32)));
}

static void enable_x2apic(void)
{
    write_msr(MSR_APIC_BASE, read_msr(MSR_APIC_BASE) | 0xc00);
    write_msr(MSR_X2APIC_SPURIOUS, 0x1ff);
}

/* The last word of the command line. */
static const char *wanted(u32 boot_info)
{
    const u32 *info = (const u32 *)(word)boot_info;
    const char *text = info[0] & 4 ? (const char *)(word)info[4] : "";
    const char *last = text;
    for (; *text; text++)
        if (*text == ' ')
            last = text + 1;
    return last;
}

u32 guest_main(u32 boot_info)
{
    const char *name = wanted(boot_info);
    make_window();
    set_gate(VECTOR_DE, skip_division);
    set_gate(VECTOR_IPI, acknowledge);
    load_idt();
    enable_x2apic();
    for (const struct loop *loop = loops; loop->name; loop++) {
        if (strlen(loop->name) != strlen(name) || memcmp(loop->name, name, strlen(name)))
            continue;
        outb(READY_PORT, 'R');
        loop->enter((void *)WINDOW);
    }
    print("no loop has the name \"%s\"\n", name);
    return 1;
}
