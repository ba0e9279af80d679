/* Compute kernels that run natively and as guests from the same source. */
#ifndef KERNELS_H
#define KERNELS_H

typedef unsigned char u8;
typedef unsigned int u32;
/* As wide as a register. */
typedef unsigned long word;

struct kernel {
    const char *name;
    /* Works in proportion to its argument and returns a checksum. */
    u32 (*run)(u32 amount);
    u32 amount;
};

/* Ends with a row without a name. */
extern const struct kernel kernels[];

#endif
