/* The stations of the tour, in their order. Each returns how many checks failed. */
#ifndef TOUR_H
#define TOUR_H

#include "../lib/traps64.h"

unsigned show_processor(void);
unsigned show_memory(u32 boot_info);
unsigned show_computing(void);
unsigned show_faults(void);
unsigned show_time(void);
unsigned show_translations(void);

/* Prints a station's title. */
void title(const char *text);
/* Prints "right" or "WRONG" and the end of the line; returns 0 or 1. */
unsigned verdict(int right);

/* window.c: one page far above RAM, for experiments with page tables. */
#define WINDOW ((volatile u32 *)0x4000000000ull)
enum { PAGE_PRESENT = 1, PAGE_WRITE = 2 };
/* Makes the tables above the window; its page is not present yet. */
void window_init(void);
/* Sets the window's page-table entry; the TLB is left as it is. */
void window_set(const void *frame, u64 flags);
void window_invalidate(void);

static inline u64 read_tsc(void)
{
    u32 low, high;
    asm volatile("lfence; rdtsc" : "=a"(low), "=d"(high));
    return (u64)high << 32 | low;
}

#endif
