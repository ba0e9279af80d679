/* A small hypervisor: VMX root operation with one VMCS, and guests that are a few instructions long. */
#ifndef VMX_H
#define VMX_H

#include "traps64.h"
#include "vmx-tables.h"

#define PAGE __attribute__((aligned(4096)))
#define PRESENT_WRITABLE 3
#define LARGE 0x80

/* Selectors of the GDT that host and guest share. */
#define SEL_CODE 0x08
#define SEL_DATA 0x10
#define SEL_CODE32 0x18
#define SEL_USER_DATA 0x2b
#define SEL_USER_CODE 0x33
#define SEL_TSS 0x40
#define SEL_OTHER_TSS 0x50

/* Access rights as the VMCS has them. */
#define AR_CODE64 0xa09b
#define AR_CODE32 0xc09b
#define AR_CODE16 0x009b
#define AR_DATA 0xc093
#define AR_DATA16 0x0093
#define AR_BUSY_TSS 0x008b
#define AR_LDT 0x0082
#define AR_UNUSABLE 0x10000

#define MSR_FEATURE_CONTROL 0x3a
#define MSR_TSC 0x10
#define MSR_SYSENTER_CS 0x174
#define MSR_DEBUGCTL 0x1d9
#define MSR_PAT 0x277
#define MSR_EFER 0xc0000080
#define MSR_KERNEL_GS_BASE 0xc0000102
#define MSR_VMX_BASIC 0x480
#define MSR_VMX_MISC 0x485
#define MSR_VMX_EPT_VPID_CAP 0x48c

/* General registers of the guest, by their numbers; RSP is in the VMCS. */
struct guest_registers {
    u64 rax, rcx, rdx, rbx, unused, rbp, rsi, rdi, r8, r9, r10, r11, r12, r13, r14, r15;
};
extern struct guest_registers guest;

/* What vmx_resume returns when the entry was no entry: this plus the VM-instruction error. */
#define VM_FAIL 0x10000
/* Bit 31 of the exit reason: the entry failed after the controls had been checked. */
#define ENTRY_FAILURE 0x80000000u

/* vmx.c */
void vmx_on(unsigned processor);
u64 vmread(u32 field);
/* Does nothing when the processor does not have the field. */
void vmwrite(u32 field, u64 value);
u64 rdmsr(u32 index);
void wrmsr(u32 index, u64 value);
/* The VMCS anew: a 64-bit guest of ring 0 in the host's own address space, no control set. */
void vmx_reset(void);
int vmx_available(unsigned control);
void vmx_set(unsigned control);
void vmx_clear(unsigned control);
/* Whether the control must be 1. */
int vmx_fixed(unsigned control);
/* Enters the guest where it stands; the exit reason, or VM_FAIL. */
u32 vmx_resume(void);
/* Goes past the instruction that the guest has exited by. */
void vmx_skip(void);
/* In 64-bit mode of ring 3. */
void vmx_user_guest(void);
/* In protected mode of 32 bits, with 4 MiB pages. */
void vmx_guest32(void);
/* In virtual-8086 mode, at a VMCALL. */
void vmx_virtual8086_guest(void);
/* In real mode, with `code` at offset 0 of its code segment; wants unrestricted_guest. */
void vmx_real_guest(const u8 *code);
u64 vmx_vmcs_address(void);
/* 1 when the instruction fails. */
int vmptrld(const void *region);
int vmclear(const void *region);
#define STACK_TOP(stack) ((u64)(stack) + sizeof(stack))
extern u8 guest_stack[8192];
extern u64 shared_gdt[12];
/* The descriptor that guests execute LTR of. */
void vmx_free_other_tss(void);
/* Where a guest stands when its IDT has delivered something; the vector is on top of its stack. */
extern const u8 guest_trap[];
/* The entry of each vector, 16 bytes apart. */
extern const u8 guest_entries[];
/* The IDT of guests: all 256 vectors lead to guest_trap. */
extern u64 guest_idt[512];
/* IRET, which unblocks NMIs. */
void unblock_nmis(void);

/* vmx-ept.c */
#define WINDOW_GPA 0x40000000ull
#define EPT_RWX 7ull
#define EPT_WB (6ull << 3)
#define EPT_USER_X 0x400ull
#define EPT_ACCESSED 0x100
#define EPT_DIRTY 0x200
extern u64 ept_pml4[512], ept_pdpt[512], ept_window[512];
/* Frames behind the window: guest-physical WINDOW_GPA + 4096 n, which is linear as well. */
extern u8 window_frames[4][4096];
/* Identity by 2 MiB pages, but for the window, which has 4 KiB pages. Sets enable_ept. */
void ept_init(void);
u64 ept_pointer(void);
void invept_all(void);
/* 1 when the instruction fails. */
int invept(u64 type, u64 eptp);
int invvpid(u64 type, u64 vpid, u64 gla);

/* vmx-report.c */
#define NO_CONTROL 0xffff
/* A step: one line of output. Sets the controls; 0 when the processor lacks one of them. */
int begin(const char *subject, const char *what, const u16 *controls);
#define STEP(what, ...) begin(0, what, (const u16[]){__VA_ARGS__, NO_CONTROL})
#define STEP_OF(subject, what, ...)                                                                \
    begin(subject, what, (const u16[]){__VA_ARGS__ __VA_OPT__(, ) NO_CONTROL})
/* Goes on with the line when the step needs something that is no control. */
int needs(int condition, const char *why_not);
void run(const u8 *code);
void go_on(void);
/* The exit, and what the SDM says of it; a wrong one makes the line WRONG. */
void exits(u32 reason);
void exits_by(u32 reason, u32 length, u64 qualification);
/* The guest's IDT has delivered this. */
void delivers(unsigned vector);
void is(const char *name, u64 value, u64 expected);
/* As `is`, where the number itself is not stable. */
void holds(const char *name, int condition);
/* Begins the next part of the line: under which circumstances. */
void when(const char *text);
void say(const char *text);
/* The step of a control that makes `code` exit, which goes through without it. */
void shows(u16 control, const char *what, const u8 *code, u32 reason, u32 length, u64 qualification);
/* Bits of exit_instruction_info that are defined for memory operands, and their values for (%rax). */
#define INFO_MEMORY 0x0fc38380
#define INFO_AT_RAX 0x00418100
/* The same for instructions with a register operand. */
#define INFO_REGISTER 0x00000478
void info_is(u32 mask, u32 value);
void end(void);
void heading(const char *text);
/* The last line; the status for guest_exit. */
unsigned summary(const char *image);

/* CPUID */
int cpu_has(u32 leaf, u32 subleaf, unsigned reg, unsigned bit);
enum { REG_EAX, REG_EBX, REG_ECX, REG_EDX };

/* Instructions of a guest, with a VMCALL behind them; `name` is a constant of its address. */
#define CODE_OF(bits, text)                                                                        \
    ({                                                                                             \
        const u8 *code_at;                                                                         \
        asm volatile(".pushsection .l2, \"ax\"\n .code" #bits "\n .balign 16\n 77: " text          \
                     "\n vmcall\n 78: jmp 78b\n .code64\n .popsection\n movq $77b, %0"             \
                     : "=r"(code_at));                                                             \
        code_at;                                                                                   \
    })
#define CODE(text) CODE_OF(64, text)
#define CODE32(text) CODE_OF(32, text)
#define CODE16(text) CODE_OF(16, text)

#endif
