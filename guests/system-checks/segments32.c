/* Loads of segment registers, limits and types, far transfers, gates. */
#include "checks32.h"

#define LOAD(register, selector) "movl $" #selector ", %%eax; mov %%eax, %%" #register

void segment_checks(void)
{
    print("-- loads of segment registers\n");
    TRY("DS, execute-only code", LOAD(ds, 0x58));
    TRY("DS, readable code", LOAD(ds, 0x08));
    TRY("DS, data not present", LOAD(ds, 0x68));
    TRY("DS, beyond the GDT", LOAD(ds, 0xf8));
    TRY("DS, far beyond the GDT", LOAD(ds, 0xfffc));
    TRY("DS, a TSS", LOAD(ds, 0x80));
    TRY("DS, a call gate", LOAD(ds, 0xa0));
    TRY("DS, null", LOAD(ds, 0));
    TRY("DS, null with RPL 3", LOAD(ds, 3));
    TRY("DS, data of level 0 with RPL 3", LOAD(ds, 0x13));
    TRY("DS, data of level 1", LOAD(ds, 0xf0));
    TRY("DS, conforming code with RPL 3", LOAD(ds, 0x63));
    TRY("ES, null of the LDT", LOAD(es, 4));
    TRY("ES, data of the LDT", LOAD(es, 0xc));
    TRY("ES, beyond the LDT", LOAD(es, 0x44));
    TRY("SS, null", LOAD(ss, 0));
    TRY("SS, null with RPL 3", LOAD(ss, 3));
    TRY("SS, read-only data", LOAD(ss, 0x50));
    TRY("SS, code", LOAD(ss, 0x08));
    TRY("SS, data of level 3", LOAD(ss, 0x20));
    TRY("SS, RPL 3", LOAD(ss, 0x13));
    TRY("SS, not present", LOAD(ss, 0x68));
    TRY("SS, beyond the GDT", LOAD(ss, 0xf8));
    TRY("FS, popped from the stack", "pushl $0x68; popl %%fs");
    TRY("LDS, not present", "pushl $0x68; pushl $0; lds (%%esp), %%ebx");
    TRY("LLDT, data", "movl $0x10, %%eax; lldt %%ax");
    TRY("LLDT, not present", "movl $0xe8, %%eax; lldt %%ax");
    TRY("LLDT, of the LDT", "movl $0xc, %%eax; lldt %%ax");
    TRY("LTR, busy", "movl $0x80, %%eax; ltr %%ax");
    TRY("LTR, not present", "movl $0x90, %%eax; ltr %%ax");
    TRY("LTR, an LDT", "movl $0x78, %%eax; ltr %%ax");
    TRY("LTR, null", "xorl %%eax, %%eax; ltr %%ax");
    /* For those who have let it pass. */
    gdt[0x80 / 8] &= ~(2ull << 40);
    asm volatile("ltr %w0" ::"r"(0x80));

    print("-- limits and types\n");
    TRY("null segment", LOAD(es, 0) "; movl %%es:0, %%eax");
    TRY("last byte", LOAD(es, 0x38) "; movb %%es:0xfff, %%al");
    TRY("beyond the limit by one byte", LOAD(es, 0x38) "; movw %%es:0xfff, %%ax");
    TRY("far beyond the limit", LOAD(es, 0x38) "; movl %%es:0x1000, %%eax");
    TRY("wrapping around", LOAD(es, 0x38) "; movl %%es:0xffffffff, %%eax");
    TRY("below an expand-down segment", LOAD(es, 0x40) "; movb %%es:0xfff, %%al");
    TRY("first byte of an expand-down segment", LOAD(es, 0x40) "; movb %%es:0x1000, %%al");
    TRY("top of a small expand-down segment", LOAD(es, 0x48) "; movb %%es:0xffff, %%al");
    TRY("above a small expand-down segment", LOAD(es, 0x48) "; movb %%es:0x10000, %%al");
    TRY("store to read-only data", LOAD(es, 0x50) "; movb %%al, %%es:resume_eip");
    TRY("load from read-only data", LOAD(es, 0x50) "; movb %%es:resume_eip, %%al");
    TRY("store to code", "movb %%al, %%cs:resume_eip");
    TRY("load from code", "movb %%cs:resume_eip, %%al");
    TRY("stack beyond the limit", LOAD(ss, 0x38) "; movl $0x800, %%esp; movl 0x7fd(%%esp), %%eax");
    TRY("PUSH within the limit", LOAD(ss, 0x38) "; movl $0x800, %%esp; pushl %%eax");
    TRY("VERR, VERW, LAR, LSL of nothing",
        "movl $0xfff8, %%eax; verr %%ax; verw %%ax; lar %%eax, %%ebx; lsl %%eax, %%ecx");

    print("-- far transfers\n");
    TRY("JMP, data", "ljmp $0x10, $0");
    TRY("JMP, null", "ljmp $0, $0");
    TRY("JMP, not present", "ljmp $0x70, $0");
    TRY("JMP, code of level 3", "ljmp $0x18, $0");
    TRY("JMP, conforming code of level 3", "ljmp $0xe0, $0");
    TRY("JMP, beyond the GDT", "ljmp $0xf8, $0");
    TRY("JMP, LDT", "ljmp $0x78, $0");
    TRY("JMP, type 0", "ljmp $0xd0, $0");
    TRY("JMP, beyond the limit", "ljmp $0x28, $0x10000");
    TRY("CALL, data", "lcall $0x10, $0");
    TRY("CALL, not present", "lcall $0x70, $0");
    TRY("CALL, call gate", "lcall $0xa0, $0");
    TRY("CALL, gate to code not present", "lcall $0xa8, $0");
    TRY("CALL, gate with a null selector", "lcall $0xb0, $0");
    TRY("CALL, gate to data", "lcall $0xc0, $0");
    TRY("CALL, gate not present", "lcall $0xd8, $0");
    TRY("CALL, gate of level 0 with RPL 3", "lcall $0xbb, $0");
    TRY("RETF, null", "pushl $0; pushl $0; lret");
    TRY("RETF, data", "pushl $0x10; pushl $0; lret");
    TRY("RETF, not present", "pushl $0x70; pushl $0; lret");
    TRY("RETF, to level 3, SS null", "pushl $0; pushl $0; pushl $0x1b; pushl $0; lret");
    TRY("RETF, to level 3, SS of level 0", "pushl $0x10; pushl $0; pushl $0x1b; pushl $0; lret");
    TRY("RETF, to level 3, SS not present", "pushl $0x6b; pushl $0; pushl $0x1b; pushl $0; lret");
    TRY("RETF, conforming code of level 3", "pushl $0xe0; pushl $0; lret");
    TRY("IRET, null", "pushl $2; pushl $0; pushl $0; iret");
    TRY("IRET, not present", "pushl $2; pushl $0x70; pushl $0; iret");
    TRY("IRET, to level 3, SS of level 0",
        "pushl $0x10; pushl $0; pushl $2; pushl $0x1b; pushl $0; iret");
    TRY("IRET, to level 3, SS read-only",
        "pushl $0x53; pushl $0; pushl $2; pushl $0x1b; pushl $0; iret");
    TRY("IRET, beyond the limit", "pushl $2; pushl $0x28; pushl $0x10000; iret");
}

void gate_checks(void)
{
    print("-- interrupt gates\n");
    TRY("INT, beyond the IDT", "int $0x81");
    TRY("INT, far beyond the IDT", "int $0xff");
    set_gate(0x70, 8, 0, 0x0e);
    TRY("INT, gate not present", "int $0x70");
    set_gate(0x70, 8, 0, 0x8c);
    TRY("INT, a call gate", "int $0x70");
    set_gate(0x70, 0, 0, 0x8e);
    TRY("INT, null selector", "int $0x70");
    set_gate(0x70, 0x10, 0, 0x8e);
    TRY("INT, data", "int $0x70");
    set_gate(0x70, 0x70, 0, 0x8e);
    TRY("INT, code not present", "int $0x70");
    set_gate(0x70, 0x18, 0, 0x8e);
    TRY("INT, code of level 3", "int $0x70");
    set_gate(0x70, 0xf8, 0, 0x8e);
    TRY("INT, beyond the GDT", "int $0x70");
    set_gate(0x70, 0x28, 0x10000, 0x8e);
    TRY("INT, beyond the limit", "int $0x70");
    set_gate(0x70, 0xd0, 0, 0x85);
    TRY("INT, task gate to type 0", "int $0x70");
    set_gate(0x70, 8, trap_entries[0x70], 0x8f);
    TRY("INT, trap gate", "int $0x70");
    set_gate(6, 8, trap_entries[6], 0x0e);
    TRY("#UD, gate not present", "ud2");
    set_gate(6, 8, trap_entries[6], 0x8e);

    print("-- exceptions of instructions\n");
    TRY("DIV by 0", "xorl %%ecx, %%ecx; divl %%ecx");
    TRY("AAM 0", ".byte 0xd4, 0");
    TRY("INT3", "int3");
    TRY("INTO", "movb $0x7f, %%al; incb %%al; into");
    TRY("INTO without overflow", "xorl %%eax, %%eax; into");
    TRY("BOUND", "pushl $4; pushl $1; movl $5, %%eax; bound %%eax, (%%esp)");
    TRY("BOUND within", "pushl $4; pushl $1; movl $4, %%eax; bound %%eax, (%%esp)");
    TRY("UD2", "ud2");
    TRY("LOCK NOP", ".byte 0xf0, 0x90");
    TRY("LOCK ADD to a register", ".byte 0xf0, 0x01, 0xc0");
    TRY("MOV CS", ".byte 0x8e, 0xc8");
    TRY("15 bytes", ".fill 14, 1, 0x66; nop");
    TRY("16 bytes", ".fill 15, 1, 0x66; nop");
    TRY("x87 with TS", "movl %%cr0, %%eax; orl $8, %%eax; movl %%eax, %%cr0; fnop");
    TRY("WAIT with TS and MP", "movl %%cr0, %%eax; orl $10, %%eax; movl %%eax, %%cr0; fwait");
    TRY("CLTS, x87", "clts; fnop");
    TRY("x87 with EM", "movl %%cr0, %%eax; orl $4, %%eax; movl %%eax, %%cr0; fnop");
    TRY("EM clear", "movl %%cr0, %%eax; andl $~4, %%eax; movl %%eax, %%cr0; fninit");
    TRY("MOV CR0, NW without CD", "movl %%cr0, %%eax; orl $0x20000000, %%eax; andl $~0x40000000, "
                                  "%%eax; movl %%eax, %%cr0");
    TRY("MOV CR1", ".byte 0x0f, 0x20, 0xc8");
    TRY("RDMSR, no such register", "movl $0x12345678, %%ecx; rdmsr");
}
