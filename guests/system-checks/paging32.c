/* Page faults of 32-bit and PAE paging, with every error code, and bad entries. */
#include "checks32.h"

#define PRESENT 1u
#define WRITE 2u
#define USER 4u
#define ACCESSED 0x20u
#define DIRTY 0x40u
#define LARGE 0x80u
#define WINDOW 0x40000000u

static u32 directory[1024] __attribute__((aligned(4096)));
static u32 table[1024] __attribute__((aligned(4096)));
static u64 pointers[4] __attribute__((aligned(32)));
static u64 directories[4][512] __attribute__((aligned(4096)));
static u64 wide_table[512] __attribute__((aligned(4096)));
u32 frame[1024] __attribute__((aligned(4096)));

static void flush(void)
{
    asm volatile("movl %%cr3, %%eax; movl %%eax, %%cr3" ::: "eax", "memory");
}

static void set_protect(int on)
{
    u32 cr0;
    asm volatile("movl %%cr0, %0" : "=r"(cr0));
    cr0 = on ? cr0 | 0x10000 : cr0 & ~0x10000u;
    asm volatile("movl %0, %%cr0" ::"r"(cr0) : "memory");
}

#define READ_WINDOW "movl 0x40000000, %%eax"
#define WRITE_WINDOW "movl %%eax, 0x40000000"
#define RUN_WINDOW "movl $0x40000000, %%eax; call *%%eax"

static void all_accesses(const char *name)
{
    print("%s:\n", name);
    TRY("   read", READ_WINDOW);
    TRY("   write", WRITE_WINDOW);
    TRY("   execute", RUN_WINDOW);
    TRY_USER("   user read", 2, READ_WINDOW);
    TRY_USER("   user write", 2, WRITE_WINDOW);
    TRY_USER("   user execute", 2, RUN_WINDOW);
}

static void set_window(u32 entry)
{
    table[0] = entry;
    flush();
}

static void legacy_paging(void)
{
    for (u32 i = 0; i < 1024; i++)
        directory[i] = i << 22 | LARGE | PRESENT | WRITE | USER;
    directory[WINDOW >> 22] = (u32)table | PRESENT | WRITE | USER;
    asm volatile("movl %%cr4, %%eax; orl $0x10, %%eax; movl %%eax, %%cr4" ::: "eax");
    asm volatile("movl %0, %%cr3" ::"r"(directory));
    asm volatile("movl %%cr0, %%eax; orl $0x80000000, %%eax; movl %%eax, %%cr0" ::: "eax",
                 "memory");
    frame[0] = 0xc3;
    print("-- 32-bit paging\n");
    u32 at = (u32)frame;
    set_window(0);
    all_accesses("not present");
    set_window(at | PRESENT);
    set_protect(0);
    all_accesses("supervisor, read-only, WP clear");
    set_window(at | PRESENT);
    set_protect(1);
    all_accesses("supervisor, read-only, WP set");
    set_window(at | PRESENT | USER);
    all_accesses("user, read-only, WP set");
    set_window(at | PRESENT | WRITE);
    all_accesses("supervisor, writable");
    set_window(at | PRESENT | WRITE | USER);
    all_accesses("user, writable");
    print("entry %x, directory entry %x\n", table[0] & 0xfff, directory[WINDOW >> 22] & 0xfff);
    directory[WINDOW >> 22] = (u32)table | PRESENT | USER;
    flush();
    TRY("directory read-only: write", WRITE_WINDOW);
    directory[WINDOW >> 22] = (u32)table | PRESENT | WRITE;
    flush();
    TRY_USER("directory supervisor: user read", 2, READ_WINDOW);
    directory[WINDOW >> 22] = WINDOW | LARGE | PRESENT | WRITE | 1 << 21;
    flush();
    TRY("4 MiB page with a reserved bit: read", READ_WINDOW);
    TRY_USER("4 MiB page with a reserved bit: user write", 2, WRITE_WINDOW);
    directory[WINDOW >> 22] = (u32)table | PRESENT | WRITE | USER;
    table[1] = 0;
    set_window(at | PRESENT | WRITE | USER | ACCESSED);
    frame[1023] = 0;
    TRY("read across the end of the page", "movl 0x40000ffe, %%eax");
    TRY("write across the end of the page", "movl $-1, %%eax; movl %%eax, 0x40000ffe");
    print("the first page's end: %x, entry %x\n", frame[1023], table[0] & 0xfff);
    TRY_USER("PUSH to the page that is missing", 2, "movl $0x40001004, %%esp; pushl %%eax");
    TRY("MOVSD into it",
        "movl $0x40000ff8, %%edi; movl $frame, %%esi; movl $8, %%ecx; rep movsl");
    asm volatile("movl %%cr0, %%eax; andl $0x7fffffff, %%eax; movl %%eax, %%cr0" ::: "eax",
                 "memory");
}

static void set_wide(u64 entry)
{
    wide_table[0] = entry;
    flush();
}

static void pae_paging(void)
{
    for (u32 i = 0; i < 4; i++) {
        pointers[i] = (u32)directories[i] | PRESENT;
        for (u32 j = 0; j < 512; j++)
            directories[i][j] = (u64)(i << 30 | j << 21) | LARGE | PRESENT | WRITE | USER;
    }
    directories[1][0] = (u32)wide_table | PRESENT | WRITE | USER;
    asm volatile("movl %%cr4, %%eax; orl $0x20, %%eax; movl %%eax, %%cr4" ::: "eax");
    asm volatile("movl %0, %%cr3" ::"r"(pointers));
    /* No-execute. */
    asm volatile("movl $0xc0000080, %%ecx; rdmsr; orl $0x800, %%eax; wrmsr" ::: "eax", "ecx", "edx");
    asm volatile("movl %%cr0, %%eax; orl $0x80010000, %%eax; movl %%eax, %%cr0" ::: "eax",
                 "memory");
    print("-- PAE paging\n");
    u64 at = (u32)frame, no_execute = 1ull << 63, reserved = 1ull << 62;
    set_wide(at | PRESENT | WRITE | USER | no_execute);
    all_accesses("user, writable, no-execute");
    set_wide(at | PRESENT | no_execute);
    all_accesses("supervisor, read-only, no-execute");
    set_wide(at | PRESENT | WRITE | USER | 1ull << 51);
    all_accesses("with bit 51 set");
    set_wide(at | PRESENT | WRITE | USER | reserved);
    all_accesses("with bit 62 set");
    set_wide(at | PRESENT | WRITE | USER);
    all_accesses("user, writable");
    directories[1][0] = WINDOW | LARGE | PRESENT | WRITE | USER | 1 << 13;
    flush();
    TRY("2 MiB page with a reserved bit: read", READ_WINDOW);
    directories[1][0] = (u32)wide_table | PRESENT | WRITE | USER;
    directories[1][0] |= no_execute;
    set_wide(at | PRESENT | WRITE | USER);
    TRY("directory no-execute: execute", RUN_WINDOW);
    directories[1][0] = (u32)wide_table | PRESENT | WRITE | USER;
    pointers[1] = (u32)directories[1] | PRESENT | WRITE;
    TRY("MOV CR3, reserved bit in a pointer", "movl %%cr3, %%eax; movl %%eax, %%cr3");
    pointers[1] = 0;
    flush();
    TRY("pointer not present: read", READ_WINDOW);
    pointers[1] = (u32)directories[1] | PRESENT;
    flush();
    asm volatile("movl %%cr0, %%eax; andl $0x7fffffff, %%eax; movl %%eax, %%cr0" ::: "eax",
                 "memory");
}

void paging_checks(void)
{
    legacy_paging();
    pae_paging();
}
