/* The parts of the image vmx-exits. */
#ifndef EXITS_H
#define EXITS_H

#include "../lib/vmx.h"

#define CR0_TS 8
#define CR0_WP 0x10000
#define CR0_PG 0x80000000u
#define CR4_TSD 4
#define CR4_VMXE 0x2000
#define CR4_OSXSAVE 0x40000

/* conditional.c: primary controls */
void conditional_exits(void);
/* secondary.c */
void secondary_exits(void);

#endif
