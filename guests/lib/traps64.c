/* The IDT, the dispatch of its vectors, and the 8259 pair. */
#include "traps64.h"

struct gate {
    u16 offset_low, selector;
    u8 stack, type;
    u16 offset_middle;
    u32 offset_high, reserved;
};

#define CODE_SELECTOR 8
#define INTERRUPT_GATE 0x8e

extern const u64 trap_entries[256];
static struct gate idt[256];
static trap_handler handlers[256];

void trap(struct frame *frame)
{
    trap_handler handler = handlers[frame->vector & 255];
    if (handler) {
        handler(frame);
        return;
    }
    print("\nunexpected vector %lu, error 0x%lx, at 0x%lx\n", (word)frame->vector,
          (word)frame->error, (word)frame->rip);
    guest_exit(2);
}

void trap_handle(unsigned vector, trap_handler handler)
{
    handlers[vector] = handler;
}

void traps_load(void)
{
    struct {
        u16 limit;
        u64 base;
    } __attribute__((packed)) pointer = {sizeof idt - 1, (word)idt};
    asm volatile("lidt %0" ::"m"(pointer));
}

void traps_init(void)
{
    for (unsigned vector = 0; vector < 256; vector++) {
        u64 entry = trap_entries[vector];
        idt[vector] = (struct gate){
            .offset_low = (u16)entry,
            .offset_middle = (u16)(entry >> 16),
            .offset_high = (u32)(entry >> 32),
            .selector = CODE_SELECTOR,
            .type = INTERRUPT_GATE,
        };
    }
    traps_load();
}

#define PIC_MASTER 0x20
#define PIC_SLAVE 0xa0

void pic_init(void)
{
    static const u8 masters[] = {0x11, PIC_VECTOR, 0x04, 0x01};
    static const u8 slaves[] = {0x11, PIC_VECTOR + 8, 0x02, 0x01};
    for (int i = 0; i < 4; i++) {
        outb(i == 0 ? PIC_MASTER : PIC_MASTER + 1, masters[i]);
        outb(i == 0 ? PIC_SLAVE : PIC_SLAVE + 1, slaves[i]);
    }
    outb(PIC_MASTER + 1, 0xfb);
    outb(PIC_SLAVE + 1, 0xff);
}

void pic_unmask(unsigned irq)
{
    u16 port = irq < 8 ? PIC_MASTER + 1 : PIC_SLAVE + 1;
    outb(port, inb(port) & (u8)~(1u << (irq & 7)));
}

void pic_end(unsigned irq)
{
    if (irq >= 8)
        outb(PIC_SLAVE, 0x20);
    outb(PIC_MASTER, 0x20);
}
