/* The parts of the image vmx-apic. */
#ifndef VMX_APIC_H
#define VMX_APIC_H

#include "../lib/vmx.h"
#include "local-apic.h"

#define VALID 0x80000000u
#define FLAG_INTERRUPT 0x200
#define TPR 0x80
#define PPR 0xa0
#define SELF_IPI_MSR 0x3f0
/* Linear address by which guests reach the APIC-access page. */
#define APIC_TEXT "movabs $0x8000000000, %%rax;"
#define ACCESS_WRITE 0x1000
#define ACCESS_FETCH 0x2000

extern u8 virtual_page[4096], access_page[4096];

/* The virtual-APIC page, empty, and the APIC-access page at its linear address. */
void use_apic_pages(void);
u32 virtual_register(u32 offset);
void set_virtual_register(u32 offset, u32 value);
/* In the arrays of 256 bits of the virtual-APIC page. */
void set_vector(u32 offset, unsigned vector);
int has_vector(u32 offset, unsigned vector);
#define ISR 0x100
#define IRR 0x200

/* virtual-interrupts.c */
void virtual_interrupt_steps(void);
/* x2apic.c */
void x2apic_steps(void);
/* posted.c */
void posted_steps(void);

#endif
