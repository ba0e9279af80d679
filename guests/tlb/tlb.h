/* Guests that forget a flush, or flush the wrong thing; with "fix" on the command line they do not. */
#ifndef TLB_H
#define TLB_H

#include "../lib/traps64.h"

#define FRAME __attribute__((aligned(4096)))
#define OUT_OF_LINE __attribute__((noinline, noclone))
#define PRESENT 7ull
#define GLOBAL_PAGE 0x100

/* Linear addresses that nothing else uses: the second entry of the PML4 table. */
#define FAR 0x8000000000ull

#define OLD_VALUE 0x0101
#define NEW_VALUE 0x0202
#define REUSED_VALUE 0x0303

struct tlb_case {
    const char *name;
    /* Returns what the access after the change has seen. */
    u64 (*run)(int fixed);
};

extern u64 pml4[512];
/* Maps FAR: table entry n maps FAR + 4096 n. */
extern u64 far_directory[512], far_table[512], other_table[512];
extern u8 old_frame[4096], new_frame[4096];

/* The table of FAR with `old_frame` as its first page, and the frames with their values. */
void far_init(u64 flags);
/* The places that reports name. */
void change_entry(volatile u64 *entry, u64 value);
void reuse_old_frame(void);
void flush_page(u64 gla);
u64 use_page(u64 gla);

/* Runs the case that the command line names, and says what it has seen. */
unsigned run_case(u32 boot_info, const struct tlb_case *cases, unsigned count);

#endif
