/* The kernels as a native program: prints name, checksum and seconds of CPU time of each. */
#include <stdio.h>
#include <time.h>
#include "kernels.h"

static double cpu_seconds(void)
{
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

int main(void)
{
    for (const struct kernel *kernel = kernels; kernel->name; kernel++) {
        double start = cpu_seconds();
        u32 checksum = kernel->run(kernel->amount);
        printf("%s %08x %.6f\n", kernel->name, checksum, cpu_seconds() - start);
        fflush(stdout);
    }
    return 0;
}
