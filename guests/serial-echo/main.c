/* Sends back what comes in on COM1, letter case exchanged; sleeps until the interrupt comes. */
#include "../lib/traps64.h"

#define COM1 0x3f8
#define INTERRUPT_ENABLE (COM1 + 1)
#define INTERRUPT_ID (COM1 + 2)
#define FIFO_CONTROL (COM1 + 2)
#define MODEM_CONTROL (COM1 + 4)
#define LINE_STATUS (COM1 + 5)
#define DATA_READY 1
#define NOTHING_PENDING 1
#define END_OF_TRANSMISSION 4
#define COM1_IRQ 4

static volatile unsigned received, interrupts, finished;

static char exchange_case(char c)
{
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'))
        return c ^ 0x20;
    return c;
}

static void serial_interrupt(struct frame *frame)
{
    (void)frame;
    interrupts++;
    while (!(inb(INTERRUPT_ID) & NOTHING_PENDING)) {
        while (inb(LINE_STATUS) & DATA_READY) {
            char c = (char)inb(COM1);
            if (c == END_OF_TRANSMISSION) {
                finished = 1;
            } else {
                received++;
                put_char(exchange_case(c));
            }
        }
    }
    pic_end(COM1_IRQ);
}

unsigned guest_main(u32 boot_info)
{
    (void)boot_info;
    traps_init();
    pic_init();
    trap_handle(PIC_VECTOR + COM1_IRQ, serial_interrupt);
    outb(FIFO_CONTROL, 0x87); /* FIFOs on and empty, interrupt at 8 bytes or after a silence */
    outb(MODEM_CONTROL, 0x0b);
    outb(INTERRUPT_ENABLE, 1);
    pic_unmask(COM1_IRQ);
    put_text("echo: send text, end with Ctrl-D\n");
    for (;;) {
        asm volatile("cli");
        if (finished)
            break;
        asm volatile("sti; hlt");
    }
    print("\necho: %u bytes\n", received);
    return interrupts > 0 ? 0 : 1;
}
