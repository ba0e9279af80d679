/* The kernels as a guest: "> NAME" before and "< NAME CHECKSUM" after each on COM1. A command line
 * that names kernels selects them. */
#include "../lib/guest.h"
#include "kernels.h"

/* The image that runs them in a guest of its own calls it run_kernels. */
#ifndef KERNELS_MAIN
#define KERNELS_MAIN guest_main
#endif
u32 KERNELS_MAIN(u32 boot_info);

/* The compiler must not use SSE before this. */
static __attribute__((noinline)) void enable_sse(void)
{
    word value;
    asm volatile("mov %%cr4, %0" : "=r"(value));
    asm volatile("mov %0, %%cr4" ::"r"(value | 0x600)); /* OSFXSR, OSXMMEXCPT */
    asm volatile("mov %%cr0, %0" : "=r"(value));
    asm volatile("mov %0, %%cr0" ::"r"((value & ~4ul) | 2)); /* not EM, but MP */
}

/* The command line of the multiboot information, or "". */
static const char *command_line(u32 boot_info)
{
    const u32 *info = (const u32 *)(word)boot_info;
    return info[0] & 4 ? (const char *)(word)info[4] : "";
}

static int has_word(const char *text, const char *name)
{
    word length = strlen(name);
    for (const char *at = text; *at; at++) {
        if (at != text && at[-1] != ' ')
            continue;
        word i = 0;
        while (i < length && at[i] == name[i])
            i++;
        if (i == length && (at[i] == ' ' || at[i] == 0))
            return 1;
    }
    return 0;
}

static int names_any(const char *text)
{
    for (const struct kernel *kernel = kernels; kernel->name; kernel++)
        if (has_word(text, kernel->name))
            return 1;
    return 0;
}

u32 KERNELS_MAIN(u32 boot_info)
{
    const char *text = command_line(boot_info);
    int all = !names_any(text);
    enable_sse();
    put_text("BENCH start\n");
    for (const struct kernel *kernel = kernels; kernel->name; kernel++) {
        if (!all && !has_word(text, kernel->name))
            continue;
        print("> %s\n", kernel->name);
        print("< %s %08x\n", kernel->name, kernel->run(kernel->amount));
    }
    put_text("BENCH end\n");
    return 0;
}
