/* The command line, and the steps that all cases are made of. */
#include "tlb.h"

#define MULTIBOOT_CMDLINE 4

struct multiboot_info {
    u32 flags, mem_lower, mem_upper, boot_device, cmdline;
};

static u64 far_pointers[512] FRAME;
u64 far_directory[512] FRAME, far_table[512] FRAME, other_table[512] FRAME;
u8 old_frame[4096] FRAME, new_frame[4096] FRAME;

void far_init(u64 flags)
{
    *(u64 *)old_frame = OLD_VALUE;
    *(u64 *)new_frame = NEW_VALUE;
    far_table[0] = (u64)old_frame | flags;
    far_directory[0] = (u64)far_table | PRESENT;
    far_pointers[0] = (u64)far_directory | PRESENT;
    pml4[1] = (u64)far_pointers | PRESENT;
}

OUT_OF_LINE void change_entry(volatile u64 *entry, u64 value)
{
    *entry = value;
}

OUT_OF_LINE void reuse_old_frame(void)
{
    *(volatile u64 *)old_frame = REUSED_VALUE;
}

OUT_OF_LINE void flush_page(u64 gla)
{
    asm volatile("invlpg (%0)" ::"r"(gla) : "memory");
}

OUT_OF_LINE u64 use_page(u64 gla)
{
    return *(volatile u64 *)gla;
}

/* The rest of `text` behind `word`, or 0 when it does not begin with it. */
static const char *after(const char *text, const char *word)
{
    while (*word)
        if (*text++ != *word++)
            return 0;
    return *text == ' ' || !*text ? text : 0;
}

/* Whether `word` is one of the words of `text`. */
static int has_word(const char *text, const char *word)
{
    while (*text) {
        while (*text == ' ')
            text++;
        if (after(text, word))
            return 1;
        while (*text && *text != ' ')
            text++;
    }
    return 0;
}

unsigned run_case(u32 boot_info, const struct tlb_case *cases, unsigned count)
{
    const struct multiboot_info *info = (const struct multiboot_info *)(u64)boot_info;
    const char *line = info->flags & MULTIBOOT_CMDLINE ? (const char *)(u64)info->cmdline : "";
    int fixed = has_word(line, "fix");
    for (unsigned i = 0; i < count; i++) {
        if (!has_word(line, cases[i].name))
            continue;
        u64 seen = cases[i].run(fixed);
        print("%s%s: the last access has seen 0x%lx\n", cases[i].name, fixed ? ", right" : "",
              (word)seen);
        return 0;
    }
    print("name a case on the command line:");
    for (unsigned i = 0; i < count; i++)
        print(" %s", cases[i].name);
    print("\n");
    return 1;
}
