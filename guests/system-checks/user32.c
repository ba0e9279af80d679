/* Ring 3: privileged instructions, the I/O permission bitmap, alignment, gates, virtual-8086 mode. */
#include "checks32.h"

#define IO_MAP 104

static void permit_ports(u32 offset)
{
    tss[25] = offset << 16;
}

/* A byte of a task-state segment at an offset that is no multiple of 4 is written by hand. */
static void set_map_byte(unsigned byte, u8 value)
{
    ((volatile u8 *)tss)[IO_MAP + byte] = value;
}

/* Real-mode code for virtual-8086 mode, at 0x20000. */
#define V86_CODE 0x20000

static void v86_code(const u8 *code, unsigned bytes)
{
    memcpy((void *)V86_CODE, code, bytes);
    ((u8 *)V86_CODE)[bytes] = 0xcd;
    ((u8 *)V86_CODE)[bytes + 1] = 0x80;
}

#define TRY_V86(name, flags, ...)                                                                  \
    do {                                                                                           \
        static const u8 bytes[] = {__VA_ARGS__};                                                   \
        v86_code(bytes, sizeof bytes);                                                             \
        begin();                                                                                   \
        asm volatile(MARK "77: pushl $0x4000; pushl $0x3000; pushl $0x2000;" \
                          "pushl $0x2000; pushl $0x3000; pushl $0xff0; pushl $" #flags ";"         \
                          "pushl $0x2000; pushl $0; iret" RESTORE ::: CLOBBERED);                  \
        try_at = 0;                                                                                \
        report(name);                                                                              \
    } while (0)

void user_checks(void)
{
    print("-- ring 3\n");
    permit_ports(0xffff);
    TRY_USER("nothing", 2, "nop");
    TRY_USER("CLI", 2, "cli");
    TRY_USER("CLI with IOPL 3", 0x3002, "cli");
    TRY_USER("HLT", 2, "hlt");
    TRY_USER("LGDT", 2, "lgdt resume_eip");
    TRY_USER("MOV CR0", 2, "movl %%cr0, %%eax");
    TRY_USER("MOV DR7", 2, "movl %%db7, %%eax");
    TRY_USER("CLTS", 2, "clts");
    TRY_USER("INVLPG", 2, "invlpg resume_eip");
    TRY_USER("WBINVD", 2, "wbinvd");
    TRY_USER("RDMSR", 2, "movl $0x10, %%ecx; rdmsr");
    TRY_USER("LTR", 2, "movl $0x88, %%eax; ltr %%ax");
    TRY_USER("IN without a bitmap", 2, "inb $0x61, %%al");
    TRY_USER("IN with IOPL 3", 0x3002, "inb $0x61, %%al");
    permit_ports(IO_MAP);
    set_map_byte(0x61 / 8, 0);
    TRY_USER("IN, port permitted", 2, "inb $0x61, %%al");
    TRY_USER("IN, word, next port permitted too", 2, "inw $0x61, %%ax");
    set_map_byte(0x61 / 8, 4);
    TRY_USER("IN, word, next port forbidden", 2, "inw $0x61, %%ax");
    set_map_byte(0x61 / 8, 2);
    TRY_USER("IN, port forbidden", 2, "inb $0x61, %%al");
    permit_ports(32 * 4 + 2049 * 4 - 1 - 0x61 / 8);
    TRY_USER("IN, bitmap at the end of the segment", 2, "inb $0x61, %%al");
    permit_ports(0xffff);
    TRY_USER("INT, gate of level 0", 2, "int $0x21");
    TRY_USER("INT3, gate of level 3", 2, "int3");
    TRY_USER("INT1", 2, ".byte 0xf1");
    TRY_USER("DS, data of level 0", 2, "movl $0x10, %%eax; movl %%eax, %%ds");
    TRY_USER("DS, conforming code of level 0", 2, "movl $0x60, %%eax; movl %%eax, %%ds");
    TRY_USER("SS, data of level 0", 2, "movl $0x10, %%eax; movl %%eax, %%ss");
    TRY_USER("JMP, code of level 0", 2, "ljmp $8, $0");
    TRY_USER("JMP, conforming code of level 0", 2, "ljmp $0x60, $1f; 1: cli");
    TRY_USER("CALL, gate of level 0", 2, "lcall $0xb8, $0");
    TRY_USER("CALL, gate of level 3", 2, "lcall $0xa0, $0");
    TRY_USER("CALL, gate to code not present", 2, "lcall $0xa8, $0");
    TRY_USER("RETF, to level 0", 2, "pushl $8; pushl $0; lret");
    TRY_USER("IRET, to level 0", 2, "pushl $2; pushl $8; pushl $0; iret");
    TRY_USER("POPF keeps IOPL and IF", 2, "pushl $0x3202; popf; cli");
    asm volatile("movl %%cr0, %%eax; orl $0x40000, %%eax; movl %%eax, %%cr0" ::: "eax");
    TRY_USER("misaligned, AC clear", 2, "movl resume_eip+1, %%eax");
    TRY_USER("misaligned, AC set", 0x40002, "movl resume_eip+1, %%eax");
    TRY_USER("misaligned stack, AC set", 0x40002, "decl %%esp; pushl %%eax");
    TRY("misaligned in ring 0, AC set",
        "pushf; orl $0x40000, (%%esp); popf; movl resume_eip+1, %%eax; pushl $2; popf");
    asm volatile("movl %%cr0, %%eax; andl $~0x40000, %%eax; movl %%eax, %%cr0" ::: "eax");

    print("-- virtual-8086 mode\n");
    TRY_V86("HLT", 0x23002, 0xf4);
    TRY_V86("CLI with IOPL 3", 0x23002, 0xfa);
    TRY_V86("CLI with IOPL 0", 0x20002, 0xfa);
    TRY_V86("PUSHF with IOPL 0", 0x20002, 0x9c);
    TRY_V86("INT with IOPL 0", 0x20002, 0xcd, 0x80);
    TRY_V86("INT with IOPL 3", 0x23002, 0xcd, 0x80);
    TRY_V86("INT, gate of level 0", 0x23002, 0xcd, 0x21);
    TRY_V86("INT3 with IOPL 0", 0x20002, 0xcc);
    TRY_V86("LLDT", 0x23002, 0x0f, 0x00, 0xd0);
    TRY_V86("MOV CR0", 0x23002, 0x0f, 0x20, 0xc0);
    TRY_V86("IN with IOPL 3, forbidden", 0x23002, 0xe4, 0x61);
    TRY_V86("word at offset FFFF", 0x23002, 0xa1, 0xff, 0xff);
    TRY_V86("word at offset FFFF of the stack", 0x23002, 0x36, 0xa1, 0xff, 0xff);
    TRY_V86("MOV to segment registers", 0x23002, 0xb8, 0x34, 0x12, 0x8e, 0xd8, 0x8e, 0xc0);
    TRY_V86("JMP far", 0x23002, 0xea, 0x05, 0x00, 0x00, 0x20);
    TRY_V86("IRET with IOPL 0", 0x20002, 0xcf);
}
