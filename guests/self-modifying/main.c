/* Code that changes itself: the change must be seen by the very next execution. */
#include "../lib/traps64.h"

#define ALIAS_SLOT 256 /* of the page-directory-pointer table: 256 GiB */
#define ALIAS 0x4000000000ull
#define FLAGS 3
#define TURNS 500

extern u64 pdpt[512];
unsigned patch_next(unsigned value);
unsigned patch_loop(unsigned turns);
unsigned patched(void);
extern u8 patched_value[], patched_end[];

static u64 directory[512] __attribute__((aligned(4096)));
static u64 table[512] __attribute__((aligned(4096)));
static u8 copies[4096] __attribute__((aligned(4096)));
static unsigned failed;

static void check(const char *what, int right)
{
    print("%-52s %s\n", what, right ? "right" : "WRONG");
    failed += !right;
}

static int patch_through_alias(void)
{
    word page = (word)patched & ~4095ul;
    table[0] = page | FLAGS;
    directory[0] = (word)table | FLAGS;
    pdpt[ALIAS_SLOT] = (word)directory | FLAGS;
    volatile u32 *value = (volatile u32 *)(ALIAS + ((word)patched_value & 4095));
    for (unsigned i = 0; i < TURNS; i++) {
        *value = i * 3;
        if (patched() != i * 3)
            return 0;
    }
    return 1;
}

/* Moves a function about in a page, each time over the end of its last place. */
static int copy_about(void)
{
    word bytes = (word)(patched_end - (u8 *)patched);
    for (word at = 0; at + bytes <= sizeof copies; at += 3) {
        memcpy(copies + at, (const void *)patched, bytes);
        *(volatile u32 *)(copies + at + 1) = (u32)at;
        if (((unsigned (*)(void))(copies + at))() != at)
            return 0;
    }
    return 1;
}

/* One byte decides between INC and DEC; REP STOSB writes it. */
static int change_opcode(void)
{
    /* mov %edi,%eax; inc or dec %eax; ret */
    static const u8 code[] = {0x89, 0xf8, 0xff, 0xc0, 0xc3};
    memcpy(copies, code, sizeof code);
    int value = 1000;
    for (unsigned i = 0; i < TURNS; i++) {
        memset(copies + 3, i % 5 == 0 ? 0xc8 : 0xc0, 1);
        value = ((int (*)(int))(word)copies)(value);
    }
    return value == 1000 + TURNS - 2 * (TURNS / 5);
}

static int patch_next_many(void)
{
    for (unsigned i = 0; i < TURNS; i++)
        if (patch_next(i * 7) != i * 7)
            return 0;
    return 1;
}

unsigned guest_main(u32 boot_info)
{
    (void)boot_info;
    traps_init();
    check("the next instruction of the same block", patch_next_many());
    check("an instruction of the loop that changes it", patch_loop(TURNS) == TURNS * (TURNS + 1) / 2);
    check("a function through another linear address", patch_through_alias());
    check("a function copied over itself", copy_about());
    check("an opcode changed by a string instruction", change_opcode());
    return failed ? 1 : 0;
}
