/* 32-bit protected mode: segments with limits, two rings, a task-state segment, 4 KiB pages. */
#include "../lib/guest.h"

struct frame {
    u32 es, ds, edi, esi, ebp, esp_here, ebx, edx, ecx, eax;
    u32 vector, error, eip, cs, eflags, esp, ss;
};

extern u32 tss[26];
extern u8 trap_13[], trap_14[], trap_128[];
void enter_user(void (*program)(void));
void leave_user(void) __attribute__((noreturn));

#define KERNEL_DATA 0x10
#define SMALL_DATA 0x28
#define TSS_SELECTOR 0x30
#define RING3_GATE 0xee
#define RING0_GATE 0x8e
#define PAGE_USER 7
#define PAGE_KERNEL 3
#define TABLES 2 /* the first 8 MiB */

static u64 gdt[7], idt[256];
static u32 directory[1024] __attribute__((aligned(4096)));
static u32 tables[TABLES][1024] __attribute__((aligned(4096)));
static volatile u32 kernel_only[1024] __attribute__((aligned(4096)));

static volatile u32 last_vector, last_error, last_address, calls;
u32 resume_at;
static unsigned failed;

static void check(const char *what, int right)
{
    print("%-52s %s\n", what, right ? "right" : "WRONG");
    failed += !right;
}

static u64 segment(u32 base, u32 limit, u32 access, u32 flags)
{
    return (u64)(limit & 0xffff) | (u64)(base & 0xffffff) << 16 | (u64)access << 40 |
           (u64)(limit >> 16 & 15) << 48 | (u64)flags << 52 | (u64)(base >> 24) << 56;
}

static void gate(unsigned vector, const u8 *entry, u32 type)
{
    u32 offset = (u32)entry;
    idt[vector] = (u64)(offset & 0xffff) | (u64)8 << 16 | (u64)type << 40 | (u64)(offset >> 16) << 48;
}

struct pointer {
    u16 limit;
    u32 base;
} __attribute__((packed));

static void load_tables(void)
{
    gdt[1] = segment(0, 0xfffff, 0x9a, 0xc);
    gdt[2] = segment(0, 0xfffff, 0x92, 0xc);
    gdt[3] = segment(0, 0xfffff, 0xfa, 0xc);
    gdt[4] = segment(0, 0xfffff, 0xf2, 0xc);
    gdt[5] = segment((u32)kernel_only, 15, 0x92, 0x4);
    gdt[6] = segment((u32)tss, 103, 0x89, 0);
    tss[2] = KERNEL_DATA;
    gate(13, trap_13, RING0_GATE);
    gate(14, trap_14, RING0_GATE);
    gate(128, trap_128, RING3_GATE);
    struct pointer g = {sizeof gdt - 1, (u32)gdt}, i = {sizeof idt - 1, (u32)idt};
    asm volatile("lgdt %0; lidt %1; ljmp $8, $1f; 1: mov %2, %%ds; mov %2, %%es; mov %2, %%ss;"
                 "mov %2, %%fs; mov %2, %%gs; ltr %w3" ::"m"(g),
                 "m"(i), "r"(KERNEL_DATA), "r"(TSS_SELECTOR));
}

static void load_pages(void)
{
    for (u32 i = 0; i < TABLES * 1024; i++)
        tables[i / 1024][i % 1024] = i << 12 | PAGE_USER;
    for (u32 i = 0; i < TABLES; i++)
        directory[i] = (u32)tables[i] | PAGE_USER;
    tables[0][(u32)kernel_only >> 12] = (u32)kernel_only | PAGE_KERNEL;
    asm volatile("mov %0, %%cr3; mov %%cr0, %%eax; or $0x80010000, %%eax; mov %%eax, %%cr0" ::"r"(
                     directory)
                 : "eax", "memory");
}

void trap(struct frame *frame)
{
    last_vector = frame->vector;
    last_error = frame->error;
    if (frame->vector == 128) {
        calls++;
        if (frame->eax == 0)
            leave_user();
        frame->eax = frame->eax * 2 + (frame->cs & 3);
        return;
    }
    if (frame->vector == 14)
        asm volatile("mov %%cr2, %0" : "=r"(last_address));
    frame->eip = resume_at;
}

#define ATTEMPT(instruction)                                                                       \
    asm volatile("movl $1f, resume_at;" instruction "; 1:" ::: "eax", "ecx", "memory", "cc")

static void check_limit(void)
{
    u32 sum = 0;
    kernel_only[3] = 42;
    asm volatile("mov %1, %%fs; movl %%fs:12, %0" : "=r"(sum) : "r"(SMALL_DATA));
    check("a load up to the limit of a segment", sum == 42);
    ATTEMPT("movl %%fs:13, %%eax");
    check("a load beyond it: #GP(0)", last_vector == 13 && last_error == 0);
    ATTEMPT("movl $0x1230, %%eax; movl %%eax, %%gs");
    check("a selector beyond the table: #GP(selector)", last_vector == 13 && last_error == 0x1230);
}

/* Everything below runs in ring 3; the results lie in memory that both rings may use. */
static volatile u32 user_answer, user_cs, user_gp, user_pf;

static void user_program(void)
{
    u32 answer = 21;
    asm volatile("int $0x80" : "+a"(answer));
    user_answer = answer;
    asm volatile("mov %%cs, %0" : "=r"(user_cs));
    ATTEMPT("cli");
    user_gp = last_vector;
    ATTEMPT("movl kernel_page, %%eax; movl (%%eax), %%eax");
    user_pf = last_vector;
    asm volatile("int $0x80" ::"a"(0));
}

volatile u32 *kernel_page = kernel_only;

unsigned guest_main(u32 boot_info)
{
    (void)boot_info;
    put_text("32-bit protected mode\n");
    load_tables();
    check_limit();
    load_pages();
    check("paging is on and this line is still here", 1);
    enter_user(user_program);
    check("ring 3 was entered, and left by a gate", (user_cs & 3) == 3 && calls == 2);
    check("a call to ring 0 through INT 0x80", user_answer == 45);
    check("CLI in ring 3: #GP", user_gp == 13);
    check("a supervisor page in ring 3: #PF with its address",
          user_pf == 14 && last_address == (u32)kernel_only);
    return failed ? 1 : 0;
}
