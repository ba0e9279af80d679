/* The tour: what a machine is made of, told by a guest that finds out for itself. */
#include "tour.h"

static unsigned station;

void title(const char *text)
{
    print("\n%u. %s\n", ++station, text);
}

unsigned verdict(int right)
{
    put_text(right ? "right\n" : "WRONG\n");
    return !right;
}

unsigned guest_main(u32 boot_info)
{
    unsigned failed = 0;
    put_text("A tour of the machine, by the guest that runs on it\n");
    traps_init();
    pic_init();
    window_init();
    failed += show_processor();
    failed += show_memory(boot_info);
    failed += show_computing();
    failed += show_faults();
    failed += show_time();
    failed += show_translations();
    if (failed)
        print("\nThe tour is over: %u checks failed.\n", failed);
    else
        put_text("\nThe tour is over: everything was as it should be.\n");
    return failed ? 1 : 0;
}
