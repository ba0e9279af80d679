/* Timer interrupts of two kinds, measured by the time-stamp counter. */
#include "tour.h"

#define PIT_HZ 1193182
#define PIT_CHANNEL0 0x40
#define PIT_COMMAND 0x43
#define PIT_RATE_GENERATOR 0x34
#define TICKS 20
#define TICK_HZ 1000

#define APIC 0xfee00000
#define APIC_EOI 0xb0
#define APIC_SPURIOUS 0xf0
#define APIC_TIMER 0x320
#define APIC_INITIAL 0x380
#define APIC_CURRENT 0x390
#define APIC_DIVIDE 0x3e0
#define APIC_VECTOR 0x40
#define SPURIOUS_VECTOR 0xff
#define PERIODIC (1u << 17)
#define MASKED (1u << 16)
#define PERIOD 100000

static volatile unsigned ticks;

static void pit_tick(struct frame *frame)
{
    (void)frame;
    ticks++;
    pic_end(0);
}

static volatile u32 *apic(u32 offset)
{
    return (volatile u32 *)(word)(APIC + offset);
}

static void apic_tick(struct frame *frame)
{
    (void)frame;
    ticks++;
    *apic(APIC_EOI) = 0;
}

static void ignore(struct frame *frame)
{
    (void)frame;
}

/* Sleeps until `count` ticks have come; returns how far the time-stamp counter went meanwhile. */
static u64 sleep_ticks(unsigned count)
{
    asm volatile("sti");
    unsigned first = ticks;
    while (ticks == first)
        asm volatile("hlt");
    u64 start = read_tsc();
    first = ticks;
    while (ticks - first < count)
        asm volatile("hlt");
    u64 end = read_tsc();
    asm volatile("cli");
    return end - start;
}

static unsigned show_pit(void)
{
    unsigned divisor = PIT_HZ / TICK_HZ;
    trap_handle(PIC_VECTOR, pit_tick);
    outb(PIT_COMMAND, PIT_RATE_GENERATOR);
    outb(PIT_CHANNEL0, (u8)divisor);
    outb(PIT_CHANNEL0, (u8)(divisor >> 8));
    pic_unmask(0);
    u64 cycles = sleep_ticks(TICKS);
    outb(0x21, 0xff);
    u64 khz = cycles * TICK_HZ / TICKS / 1000;
    print("   8254 timer   %u interrupts at %u Hz, asleep in between; the time-stamp counter\n",
          TICKS, TICK_HZ);
    print("                runs at %lu.%03lu MHz: ", (word)(khz / 1000), (word)(khz % 1000));
    return verdict(khz > 0);
}

static unsigned show_apic(void)
{
    trap_handle(APIC_VECTOR, apic_tick);
    trap_handle(SPURIOUS_VECTOR, ignore);
    *apic(APIC_SPURIOUS) = 0x100 | SPURIOUS_VECTOR;
    *apic(APIC_DIVIDE) = 0xb;
    *apic(APIC_TIMER) = PERIODIC | APIC_VECTOR;
    *apic(APIC_INITIAL) = PERIOD;
    u64 cycles = sleep_ticks(TICKS);
    *apic(APIC_TIMER) = MASKED | APIC_VECTOR;
    *apic(APIC_INITIAL) = 0;
    print("   APIC timer   %u periods of %u counts took %lu cycles: ", TICKS, PERIOD, (word)cycles);
    return verdict(cycles > 0);
}

unsigned show_time(void)
{
    title("Time and interrupts");
    return show_pit() + show_apic();
}
