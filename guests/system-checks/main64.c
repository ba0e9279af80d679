/* Checks of 64-bit mode, as those of main32.c: every line says what one instruction led to. */
#include "../lib/traps64.h"

static volatile u64 seen_vector, seen_error, seen_rip, seen_cs, seen_rflags, seen_cr2;
u64 resume_rip, resume_rsp, try_at;

#define NONE (~0ull)
/* Ring 3 ends by INT 0x80, whose gate is of level 0. Some emulators count 16 bytes a gate. */
#define LEFT_USER(vector, error) ((vector) == 13 && ((error) == 0x402 || (error) == 0x802))

static void note(struct frame *frame)
{
    seen_vector = frame->vector;
    seen_error = frame->error;
    seen_rip = frame->rip;
    seen_cs = frame->cs;
    seen_rflags = frame->rflags;
    asm volatile("mov %%cr2, %0" : "=r"(seen_cr2));
    frame->rip = resume_rip;
    frame->rsp = resume_rsp;
    frame->cs = 8;
    frame->ss = 0x10;
    frame->rflags = 2;
}

static void report(const char *name)
{
    print("%-44s", name);
    if (seen_vector == NONE || LEFT_USER(seen_vector, seen_error)) {
        print("no exception\n");
        return;
    }
    print("#%-2lu error %04lx at +%lx cs %02lx", (word)seen_vector, (word)seen_error,
          (word)(seen_rip - try_at), (word)seen_cs);
    if (seen_vector == 14)
        print(" cr2 %lx", (word)seen_cr2);
    print("\n");
}

#define CLOBBERED                                                                                  \
    "rax", "rbx", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "memory", "cc"
#define MARK                                                                                       \
    "push %%rbp; movq $78f, resume_rip; movq %%rsp, resume_rsp; movq $77f, try_at; "
#define RESTORE                                                                                    \
    "; 78: movq resume_rsp, %%rsp; pop %%rbp; movl $0x10, %%eax; mov %%eax, %%ds; mov %%eax, %%es;"\
    "mov %%eax, %%ss; cld"

#define TRY(name, code)                                                                            \
    do {                                                                                           \
        seen_vector = NONE;                                                                        \
        asm volatile(MARK "77: " code RESTORE ::: CLOBBERED);                                      \
        report(name);                                                                              \
    } while (0)

#define TRY_USER(name, flags, code)                                                                \
    do {                                                                                           \
        seen_vector = NONE;                                                                        \
        asm volatile(MARK "pushq $0x2b; pushq $user_stack + 4096; pushq $" #flags ";"              \
                          "pushq $0x33; pushq $77f; iretq; 77: " code "; int $0x80" RESTORE ::     \
                         : CLOBBERED);                                                             \
        report(name);                                                                              \
    } while (0)

/* `code` in compatibility mode, reached and left by far transfers. */
#define TRY_COMPATIBLE(name, code)                                                                 \
    TRY(name, "pushq $0x18; pushq $76f; lretq; .code32; 76: " code                                 \
              "; 75: ljmp $8, $74f; .code64; 74: nop")

u8 user_stack[4096] __attribute__((aligned(16)));
static u8 trap_stack[4096] __attribute__((aligned(16)));
static u64 own_gdt[24] __attribute__((aligned(16)));
static u32 own_tss[26] __attribute__((aligned(128)));
u64 far_pointer[4] __attribute__((aligned(16)));
extern u64 pml4[512], pdpt[512];
static u64 window_directory[512] __attribute__((aligned(4096)));
static u64 window_table[512] __attribute__((aligned(4096)));
static u8 frame_memory[4096] __attribute__((aligned(4096)));

#define WINDOW 0x4000000000ull

static void load_gdt(void)
{
    static const u64 rows[] = {
        0, 0x00af9b000000ffff, 0x00cf93000000ffff, 0x00cf9b000000ffff,
        0x00cffb000000ffff, 0x00cff3000000ffff, 0x00affb000000ffff, 0x00cf1b000000ffff,
        0x00ef9b000000ffff, 0x00409200000000ff,
    };
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++)
        own_gdt[i] = rows[i];
    u64 tss = (u64)own_tss, stack = (u64)(trap_stack + sizeof trap_stack);
    own_gdt[12] = 103 | (tss & 0xffffff) << 16 | 0x89ull << 40 | (tss >> 24 & 0xff) << 56;
    own_gdt[13] = tss >> 32;
    own_gdt[14] = own_gdt[12];
    own_gdt[15] = 0x01000000;
    own_gdt[16] = own_gdt[12];
    own_gdt[17] = 0x100ull << 32;
    own_tss[1] = (u32)stack;
    own_tss[2] = (u32)(stack >> 32);
    own_tss[25] = 104 << 16;
    struct {
        u16 limit;
        u64 base;
    } __attribute__((packed)) pointer = {sizeof own_gdt - 1, (u64)own_gdt};
    asm volatile("lgdt %0; ltr %w1" ::"m"(pointer), "r"(0x60));
}

static void address_checks(void)
{
    print("-- canonical addresses\n");
    TRY("load, first not canonical", "movabs $0x800000000000, %%rax; movq (%%rax), %%rbx");
    TRY("load, last not canonical", "movabs $0xffff7fffffffffff, %%rax; movb (%%rax), %%bl");
    TRY("store", "movabs $0x1000000000000000, %%rax; movq %%rbx, (%%rax)");
    TRY("load by RBP", "movabs $0x800000000000, %%rbp; movq (%%rbp), %%rbx");
    TRY("load by FS", "movabs $0x800000000000, %%rax; movq %%fs:(%%rax), %%rbx");
    TRY("load across the boundary", "movabs $0x7ffffffffffc, %%rax; movq (%%rax), %%rbx");
    TRY("JMP", "movabs $0x800000000000, %%rax; jmp *%%rax");
    TRY("CALL", "movabs $0x800000000000, %%rax; call *%%rax");
    TRY("RET", "movabs $0x800000000000, %%rax; push %%rax; ret");
    TRY("IRETQ, RIP",
        "pushq $0x10; push %%rsp; pushq $2; pushq $8; movabs $0x800000000000, %%rax; push %%rax;"
        "iretq");
    TRY("INVLPG", "movabs $0x800000000000, %%rax; invlpg (%%rax)");
    TRY_USER("user stack", 2, "movabs $0x800000000000, %%rsp; push %%rax");
    TRY("WRMSR, LSTAR", "movl $0xc0000082, %%ecx; xorl %%eax, %%eax; movl $0x01000000, %%edx; wrmsr");
    TRY("WRMSR, FS_BASE", "movl $0xc0000100, %%ecx; xorl %%eax, %%eax; movl $0x01000000, %%edx; wrmsr");
    TRY("LTR, base", "movl $0x70, %%eax; ltr %%ax");
    TRY("LTR, type in the upper half", "movl $0x80, %%eax; ltr %%ax");
    /* For those who have let it pass. */
    own_gdt[12] &= ~(2ull << 40);
    asm volatile("ltr %w0; mov %1, %%fs" ::"r"(0x60), "r"(0));
}

static void transfer_checks(void)
{
    print("-- segments and far transfers\n");
    TRY("SS, null in ring 0", "xorl %%eax, %%eax; mov %%eax, %%ss");
    TRY("SS, null with RPL 3 in ring 0", "movl $3, %%eax; mov %%eax, %%ss");
    TRY_USER("SS, null in ring 3", 2, "movl $3, %%eax; mov %%eax, %%ss");
    TRY("DS, not present code", "movl $0x38, %%eax; mov %%eax, %%ds");
    TRY("beyond the limit of ES", "movl $0x48, %%eax; mov %%eax, %%es; movb %%es:0x1000, %%al");
    far_pointer[0] = 0x0010ull << 32;
    TRY("JMP far, data", "ljmp *far_pointer");
    far_pointer[0] = 0;
    TRY("JMP far, null", "ljmp *far_pointer");
    far_pointer[0] = 0x0038ull << 32;
    TRY("JMP far, not present", "ljmp *far_pointer");
    far_pointer[0] = 0x0040ull << 32;
    TRY("JMP far, L and D both set", "ljmp *far_pointer");
    far_pointer[0] = 0x0060ull << 32;
    TRY("JMP far, TSS", "ljmp *far_pointer");
    TRY("RETF, null", "pushq $0; pushq $0; lretq");
    TRY("IRETQ with NT", "pushf; orl $0x4000, (%%rsp); popf; iretq");
    TRY("IRETQ, SS null, to ring 3",
        "pushq $0; pushq $0; pushq $2; pushq $0x33; pushq $0; iretq");
    TRY("IRETQ, SS null, to compatibility mode of ring 3",
        "pushq $0; pushq $0; pushq $2; pushq $0x23; pushq $0; iretq");
    TRY("IRETQ, SS of level 0, to ring 3",
        "pushq $0x10; pushq $0; pushq $2; pushq $0x33; pushq $0; iretq");
    TRY("INT, gate of level 0, from ring 0", "int $0x21");
    TRY_USER("INT, gate of level 0, from ring 3", 2, "int $0x21");
    TRY_USER("SYSCALL without SCE", 2, "syscall");
    TRY_USER("SYSENTER with CS 0", 2, "sysenter");
    TRY_USER("SYSRET", 2, "sysretq");
    TRY_USER("SWAPGS", 2, "swapgs");
    TRY_USER("MOV CR8", 2, "movq %%cr8, %%rax");
    TRY_USER("XSETBV", 2, "xsetbv");

    print("-- instructions\n");
    TRY("PUSH ES", ".byte 0x06");
    TRY("DAA", ".byte 0x27");
    TRY("INTO", ".byte 0xce");
    TRY("SALC", ".byte 0xd6");
    TRY("LDS", ".byte 0xc5, 0x00");
    TRY("ARPL is MOVSXD", "movl $-5, %%ecx; .byte 0x48, 0x63, 0xc1");
    TRY("far CALL immediate", ".byte 0x9a, 0, 0, 0, 0, 8, 0");
    TRY("CMPXCHG16B, misaligned", "lock cmpxchg16b far_pointer+8");
    TRY("MOVAPS, misaligned", "movq %%cr4, %%rax; orq $0x200, %%rax; movq %%rax, %%cr4;"
                              "movaps far_pointer+8, %%xmm0");
    TRY("IDIV, overflow", "movabs $0x8000000000000000, %%rax; cqo; movq $-1, %%rcx; idivq %%rcx");
    TRY("RSM", "rsm");
}

static void control_checks(void)
{
    print("-- control registers and MSRs\n");
    TRY("MOV CR0, bit 32", "movq %%cr0, %%rax; btsq $32, %%rax; movq %%rax, %%cr0");
    TRY("MOV CR8, 16", "movl $16, %%eax; movq %%rax, %%cr8");
    TRY("MOV CR5", ".byte 0x0f, 0x20, 0xe8");
    TRY("MOV DR7, bit 32", "movabs $0x100000400, %%rax; movq %%rax, %%dr7");
    TRY("MOV DR6, bit 32", "movabs $0x1ffff0ff0, %%rax; movq %%rax, %%dr6");
    TRY("EFER, bit 1", "movl $0xc0000080, %%ecx; rdmsr; bts $1, %%eax; wrmsr");
    TRY("PAT, type 2", "movl $0x277, %%ecx; movl $2, %%eax; xorl %%edx, %%edx; wrmsr");
}

static void set_window(u64 entry)
{
    window_table[0] = entry;
    asm volatile("invlpg (%0)" ::"r"(WINDOW) : "memory");
}

static void all_accesses(const char *name)
{
    print("%s:\n", name);
    TRY("   read", "movabs $0x4000000000, %%rax; movb (%%rax), %%bl");
    TRY("   write", "movabs $0x4000000000, %%rax; movb %%bl, (%%rax)");
    TRY("   locked", "movabs $0x4000000000, %%rax; lock orb $0, (%%rax)");
    TRY("   execute", "movabs $0x4000000000, %%rax; call *%%rax");
    TRY_USER("   user read", 2, "movabs $0x4000000000, %%rax; movb (%%rax), %%bl");
    TRY_USER("   user write", 2, "movabs $0x4000000000, %%rax; movb %%bl, (%%rax)");
    TRY_USER("   user execute", 2, "movabs $0x4000000000, %%rax; call *%%rax");
}

static void paging_checks(void)
{
    u64 at = (u64)frame_memory, no_execute = 1ull << 63;
    frame_memory[0] = 0xc3;
    pdpt[256] = (u64)window_directory | 7;
    window_directory[0] = (u64)window_table | 7;
    asm volatile("movl $0xc0000080, %%ecx; rdmsr; orl $0x800, %%eax; wrmsr" ::: "eax", "ecx", "edx");
    print("-- 4-level paging\n");
    set_window(0);
    all_accesses("not present");
    set_window(at | 7);
    all_accesses("user, writable");
    set_window(at | 5);
    all_accesses("user, read-only");
    set_window(at | 3);
    all_accesses("supervisor, writable");
    set_window(at | 7 | no_execute);
    all_accesses("user, writable, no-execute");
    set_window(at | 7 | 1ull << 51);
    all_accesses("with bit 51 set");
    print("-- upper levels\n");
    set_window(at | 7);
    window_directory[0] = (u64)window_table | 5;
    set_window(at | 7);
    TRY("directory read-only: write", "movabs $0x4000000000, %%rax; movb %%bl, (%%rax)");
    window_directory[0] = (u64)window_table | 7 | no_execute;
    set_window(at | 7);
    TRY("directory no-execute: execute", "movabs $0x4000000000, %%rax; call *%%rax");
    window_directory[0] = 0x87 | 1 << 13;
    set_window(at | 7);
    TRY("2 MiB page with bit 13 set", "movabs $0x4000000000, %%rax; movb (%%rax), %%bl");
    window_directory[0] = (u64)window_table | 7;
    pdpt[256] = (u64)window_directory | 7 | 1ull << 51;
    set_window(at | 7);
    TRY("pointer with bit 51 set", "movabs $0x4000000000, %%rax; movb (%%rax), %%bl");
    pml4[1] = 0x87;
    TRY("PML4 entry with PS set", "movabs $0x8000000000, %%rax; movb (%%rax), %%bl");
    pml4[1] = 0;
}

static void compatibility_checks(void)
{
    print("-- compatibility mode\n");
    TRY_COMPATIBLE("nothing", "nop");
    TRY_COMPATIBLE("SYSCALL", "syscall");
    TRY_COMPATIBLE("INC, not REX", ".byte 0x48, 0x40");
    TRY_COMPATIBLE("load within the limit", "movl $0x48, %%eax; mov %%eax, %%es; movb %%es:0xff, %%al");
    TRY_COMPATIBLE("load beyond the limit",
                   "movl $0x48, %%eax; mov %%eax, %%es; movb %%es:0x100, %%al");
    TRY_COMPATIBLE("null segment", "xorl %%eax, %%eax; mov %%eax, %%es; movb %%es:0, %%al");
    TRY_COMPATIBLE("addresses wrap at 4 GiB", "movl $0xffffffff, %%eax; movb 1(%%eax), %%bl");
    TRY_COMPATIBLE("task switch", "ljmp $0x60, $0");
    TRY_COMPATIBLE("PUSHA and POPA", "pusha; popa");
    TRY_COMPATIBLE("INT", "int $0x21");
}

int guest_main(void)
{
    outb(0x3fb, 3);
    traps_init();
    for (unsigned vector = 0; vector < 256; vector++)
        trap_handle(vector, note);
    load_gdt();
    address_checks();
    transfer_checks();
    control_checks();
    paging_checks();
    compatibility_checks();
    print("end of the checks\n");
    return 0;
}
