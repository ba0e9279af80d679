/* The parts of the image vmx-events. */
#ifndef EVENTS_H
#define EVENTS_H

#include "../lib/vmx.h"
#include "local-apic.h"

#define VALID 0x80000000u
#define ERROR_CODE 0x800
#define TYPE_NMI 0x200
#define TYPE_EXCEPTION 0x300
#define TYPE_SOFTWARE_INTERRUPT 0x400
#define TYPE_PRIVILEGED_SOFTWARE 0x500
#define TYPE_SOFTWARE_EXCEPTION 0x600
#define TYPE_OTHER 0x700
#define FLAG_TRAP 0x100
#define FLAG_INTERRUPT 0x200
#define BLOCKED_BY_NMI 8
#define ACTIVITY_HLT 1
#define ACTIVITY_SHUTDOWN 2
#define ACTIVITY_WAIT_FOR_SIPI 3

/* How many interrupts of vector 0x50 the host has taken. */
extern volatile unsigned host_interrupts;
u64 rip_past(const u8 *code);

/* interrupts.c */
void interrupt_steps(void);
/* injection.c */
void injection_steps(void);
/* processors.c */
void processor_steps(void);

#endif
