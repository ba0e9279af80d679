/* A translation that outlives its page-table entry until it is invalidated. */
#include "tour.h"

static u32 first[1024] __attribute__((aligned(4096)));
static u32 second[1024] __attribute__((aligned(4096)));

unsigned show_translations(void)
{
    unsigned failed = 0;
    title("Translations, and what the TLB keeps of them");
    first[0] = 1;
    second[0] = 2;
    window_set(first, PAGE_PRESENT | PAGE_WRITE);
    window_invalidate();
    print("   the page table maps frame 1: the load sees frame %u: ", WINDOW[0]);
    failed += verdict(WINDOW[0] == 1);
    window_set(second, PAGE_PRESENT | PAGE_WRITE);
    u32 seen = WINDOW[0];
    print("   now it maps frame 2, but nobody told the TLB: the load sees frame %u\n", seen);
    put_text(seen == 1 ? "                (a stale translation, as a processor may keep it)\n"
                       : "                (a new walk, as a processor may also make it)\n");
    window_invalidate();
    print("   after INVLPG the load sees frame %u: ", WINDOW[0]);
    return failed + verdict(WINDOW[0] == 2);
}
