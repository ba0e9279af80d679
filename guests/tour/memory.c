/* The map of memory that the loader handed over. */
#include "tour.h"

#define INFO_HAS_MAP (1u << 6)
#define USABLE 1

/* The fields of the multiboot information that are used here. */
struct boot_info {
    u32 flags, mem_lower, mem_upper, boot_device, cmdline, mods_count, mods_addr, syms[4];
    u32 mmap_length, mmap_addr;
};

struct range {
    u32 size;
    u64 base, length;
    u32 type;
} __attribute__((packed));

unsigned show_memory(u32 address)
{
    const struct boot_info *info = (const void *)(word)address;
    title("Memory, as the loader's map has it");
    if (!(info->flags & INFO_HAS_MAP)) {
        put_text("   there is no map: ");
        return verdict(0);
    }
    u64 usable = 0;
    word at = info->mmap_addr, end = at + info->mmap_length;
    while (at < end) {
        const struct range *range = (const void *)at;
        u64 last = range->base + range->length - 1;
        print("   %010lx-%010lx %8lu KiB  %s\n", (word)range->base, (word)last,
              (word)(range->length >> 10), range->type == USABLE ? "usable" : "reserved");
        if (range->type == USABLE)
            usable += range->length;
        at += range->size + sizeof range->size;
    }
    print("   %lu KiB can be used, ", (word)(usable >> 10));
    /* The upper memory of the old interface starts at 1 MiB and is part of the map. */
    print("%u KiB of them above 1 MiB: ", info->mem_upper);
    return verdict(usable >= (u64)info->mem_upper << 10 && info->mem_upper >= 1024);
}
