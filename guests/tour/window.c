/* One page of linear addresses whose translation the tour may change as it likes. */
#include "tour.h"

#define WINDOW_SLOT 256 /* of the page-directory-pointer table: 256 GiB */
#define PAGE_FLAGS (PAGE_PRESENT | PAGE_WRITE)

extern u64 pdpt[512];
static u64 directory[512] __attribute__((aligned(4096)));
static volatile u64 table[512] __attribute__((aligned(4096)));

void window_init(void)
{
    directory[0] = (word)table | PAGE_FLAGS;
    pdpt[WINDOW_SLOT] = (word)directory | PAGE_FLAGS;
}

void window_set(const void *frame, u64 flags)
{
    table[0] = (word)frame | flags;
}

void window_invalidate(void)
{
    asm volatile("invlpg (%0)" ::"r"(WINDOW) : "memory");
}
