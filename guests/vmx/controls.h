/* The parts of the image vmx-controls. */
#ifndef CONTROLS_H
#define CONTROLS_H

#include "../lib/vmx.h"

/* In a guest: RAX is the MSR, or what it gets. */
#define READ_MSR(index) "mov $" #index ", %%ecx; rdmsr; shl $32, %%rdx; or %%rdx, %%rax;"
#define WRITE_MSR(index) "mov $" #index ", %%ecx; mov %%rax, %%rdx; shr $32, %%rdx; wrmsr;"

/* Guests may read and write all MSRs of the bitmaps. */
void pass_msrs(void);

/* transitions.c: what entries and exits load and save */
void transition_steps(void);
/* lists.c: MSR lists, and entries that fail */
void list_steps(void);
void failure_steps(void);
/* shadow.c */
void shadow_steps(void);

#endif
