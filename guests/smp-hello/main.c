/* Starts every processor, lets all of them count in two ways at once, and checks the sums. */
#include "../lib/traps64.h"

#define FW_CFG_SELECTOR 0x510
#define FW_CFG_DATA 0x511
#define FW_CFG_PROCESSORS 5
#define APIC 0xfee00000
#define APIC_COMMAND 0x300
#define APIC_SPURIOUS 0xf0
#define SEND_INIT_TO_OTHERS 0xc4500
#define SEND_STARTUP_TO_OTHERS 0xc4600
#define TRAMPOLINE 0x8000
#define ROUNDS 2000

extern const u8 ap_start[], ap_start_end[];

static volatile u32 lock, locked_count, atomic_count, finished;

static void acquire(void)
{
    while (__atomic_exchange_n(&lock, 1, __ATOMIC_ACQUIRE))
        while (lock)
            asm volatile("pause");
}

static void release(void)
{
    __atomic_store_n(&lock, 0, __ATOMIC_RELEASE);
}

static void say_hello(unsigned cpu)
{
    acquire();
    print("processor %u says hello\n", cpu);
    release();
}

static void count(void)
{
    for (int i = 0; i < ROUNDS; i++) {
        __atomic_fetch_add(&atomic_count, 1, __ATOMIC_RELAXED);
        acquire();
        locked_count++;
        release();
    }
    __atomic_fetch_add(&finished, 1, __ATOMIC_RELEASE);
}

void ap_main(unsigned cpu)
{
    traps_load();
    say_hello(cpu);
    count();
}

static unsigned processors(void)
{
    asm volatile("outw %0, %1" ::"a"((u16)FW_CFG_PROCESSORS), "Nd"((u16)FW_CFG_SELECTOR));
    unsigned low = inb(FW_CFG_DATA);
    return low | (unsigned)inb(FW_CFG_DATA) << 8;
}

static void apic_write(u32 offset, u32 value)
{
    *(volatile u32 *)(word)(APIC + offset) = value;
}

unsigned guest_main(u32 boot_info)
{
    (void)boot_info;
    traps_init();
    unsigned all = processors();
    print("processors: %u\n", all);
    memcpy((void *)TRAMPOLINE, ap_start, (word)(ap_start_end - ap_start));
    apic_write(APIC_SPURIOUS, 0x1ff);
    apic_write(APIC_COMMAND, SEND_INIT_TO_OTHERS);
    apic_write(APIC_COMMAND, SEND_STARTUP_TO_OTHERS | TRAMPOLINE >> 12);
    say_hello(0);
    count();
    while (finished < all)
        asm volatile("pause");
    print("counted %u with a lock and %u atomically, %u each\n", locked_count, atomic_count, ROUNDS);
    return locked_count == all * ROUNDS && atomic_count == all * ROUNDS ? 0 : 1;
}
