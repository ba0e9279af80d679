/* Checks of 32-bit protected mode. Every line says what one instruction led to; nothing is judged
 * here: the lines of different processors are compared with each other. */
#include "checks32.h"

volatile u32 seen_vector, seen_error, seen_eip, seen_cs, seen_eflags, seen_cr2, seen_dr6;
u32 resume_eip, resume_esp, try_at;
u64 gdt[64] __attribute__((aligned(8))), ldt[8] __attribute__((aligned(8)));
u64 idt[256] __attribute__((aligned(8)));
u32 tss[32 + 2049] __attribute__((aligned(128)));
u32 second_tss[32] __attribute__((aligned(128)));

/* RF, which some emulators leave out, is shown with debug exceptions alone. */
#define SYSTEM_FLAGS 0x3e7700
#define RESUME_FLAG 0x10000

void begin(void)
{
    seen_vector = NONE;
    seen_error = seen_eip = seen_cs = seen_eflags = seen_cr2 = 0;
}

void report(const char *name)
{
    print("%-44s", name);
    if (seen_vector == NONE || seen_vector == LEFT_USER) {
        print("no exception\n");
        return;
    }
    print("#%-2u error %04x at +%x cs %02x flags %06x", seen_vector, seen_error, seen_eip - try_at,
          seen_cs, seen_eflags & SYSTEM_FLAGS);
    if (seen_vector == 14)
        print(" cr2 %08x", seen_cr2);
    if (seen_vector == 1)
        print(" dr6 %08x RF %u", seen_dr6, seen_eflags / RESUME_FLAG & 1);
    print("\n");
}

u64 descriptor(u32 base, u32 limit, u32 access, u32 flags)
{
    return (u64)(limit & 0xffff) | (u64)(base & 0xffffff) << 16 | (u64)access << 40 |
           (u64)(limit >> 16 & 15) << 48 | (u64)flags << 52 | (u64)(base >> 24) << 56;
}

/* A gate of the IDT, or of the GDT as gdt[selector / 8]. */
static u64 gate(u32 selector, u32 offset, u32 type)
{
    return (u64)(offset & 0xffff) | (u64)selector << 16 | (u64)type << 40 |
           (u64)(offset >> 16) << 48;
}

void set_gate(unsigned vector, u32 selector, u32 offset, u32 type)
{
    idt[vector] = gate(selector, offset, type);
}

/* What the segments with limits hold. */
static u8 small[0x10000] __attribute__((aligned(16)));

/* Where the call gates lead: back to the caller. */
extern u8 far_return[];
asm("far_return: lret");

static void fill_gdt(void)
{
    gdt[0x08 / 8] = descriptor(0, 0xfffff, 0x9a, 0xc);
    gdt[0x10 / 8] = descriptor(0, 0xfffff, 0x92, 0xc);
    gdt[0x18 / 8] = descriptor(0, 0xfffff, 0xfa, 0xc);
    gdt[0x20 / 8] = descriptor(0, 0xfffff, 0xf2, 0xc);
    gdt[0x28 / 8] = descriptor(0, 0xffff, 0x9a, 0);
    gdt[0x30 / 8] = descriptor(0, 0xffff, 0x92, 0);
    gdt[0x38 / 8] = descriptor((u32)small, 0xfff, 0x92, 4);
    gdt[0x40 / 8] = descriptor((u32)small - 0x1000, 0xfff, 0x96, 4);
    gdt[0x48 / 8] = descriptor((u32)small - 0x1000, 0xfff, 0x96, 0);
    gdt[0x50 / 8] = descriptor(0, 0xfffff, 0x90, 0xc);
    gdt[0x58 / 8] = descriptor(0, 0xfffff, 0x98, 0xc);
    gdt[0x60 / 8] = descriptor(0, 0xfffff, 0x9e, 0xc);
    gdt[0x68 / 8] = descriptor(0, 0xfffff, 0x12, 0xc);
    gdt[0x70 / 8] = descriptor(0, 0xfffff, 0x1a, 0xc);
    gdt[0x78 / 8] = descriptor((u32)ldt, sizeof ldt - 1, 0x82, 0);
    gdt[0x80 / 8] = descriptor((u32)tss, sizeof tss - 1, 0x89, 0);
    gdt[0x88 / 8] = descriptor((u32)second_tss, 103, 0x89, 0);
    gdt[0x90 / 8] = descriptor((u32)second_tss, 103, 0x09, 0);
    gdt[0x98 / 8] = descriptor((u32)second_tss, 102, 0x89, 0);
    gdt[0xa0 / 8] = gate(0x08, (u32)far_return, 0xec);
    gdt[0xa8 / 8] = gate(0x70, (u32)far_return, 0xec);
    gdt[0xb0 / 8] = gate(0, (u32)far_return, 0xec);
    gdt[0xb8 / 8] = gate(0x08, (u32)far_return, 0x8c);
    gdt[0xc0 / 8] = gate(0x10, (u32)far_return, 0xec);
    gdt[0xc8 / 8] = gate(0x88, 0, 0x85);
    gdt[0xd0 / 8] = descriptor(0, 0, 0x80, 0);
    gdt[0xd8 / 8] = gate(0x08, (u32)far_return, 0x6c);
    gdt[0xe0 / 8] = descriptor(0, 0xfffff, 0xfe, 0xc);
    gdt[0xe8 / 8] = descriptor((u32)ldt, sizeof ldt - 1, 0x02, 0);
    gdt[0xf0 / 8] = descriptor(0, 0xfffff, 0xb2, 0xc);
    ldt[1] = descriptor(0, 0xfffff, 0x92, 0xc);
}

static void load_tables(void)
{
    struct {
        u16 limit;
        u32 base;
    } __attribute__((packed)) g = {0xf7, (u32)gdt}, i = {0x81 * 8 - 1, (u32)idt};
    for (unsigned vector = 0; vector < 256; vector++)
        set_gate(vector, 8, trap_entries[vector], vector == 0x80 || vector == 3 ? 0xee : 0x8e);
    tss[1] = (u32)&tss[0];
    tss[2] = 0x10;
    tss[25] = 104 << 16;
    asm volatile("lgdt %0; lidt %1; ljmp $8, $1f; 1: mov %2, %%ds; mov %2, %%es; mov %2, %%ss;"
                 "mov %2, %%fs; mov %2, %%gs; ltr %w3; lldt %w4" ::"m"(g),
                 "m"(i), "r"(0x10), "r"(0x80), "r"(0x78));
}

static u8 trap_stack[4096] __attribute__((aligned(16)));

int guest_main(void)
{
    /* Bytes of 8 bits, which not every serial port starts with. */
    outb(0x3fb, 3);
    fill_gdt();
    load_tables();
    tss[1] = (u32)(trap_stack + sizeof trap_stack);
    segment_checks();
    gate_checks();
    user_checks();
    task_checks();
    debug_checks();
    paging_checks();
    print("end of the checks\n");
    return 0;
}
