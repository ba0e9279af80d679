// The way into a case and the two ways out of it. Every register belongs to the case while it runs.
//
// A case ends at END (a page at a fixed low address, so that code of every mode can jump there) or
// by a signal. Both leave through leave_case, which makes enter_case return 0 or 1.

#define END 0x3a5b7000
#define END_DATA 0x3a5b8000
#define FRAME 0x3b7cc000
#define SEL_CS 160
#define SEL_SS 162
#define SEL_DS 164
#define SEL_ES 166
#define SEL_FS 168
#define SEL_GS 170
#define CASE_FLAGS 174
#define LOAD_SEGMENTS 2

    .text

// int enter_case(const Case *c, const void *floating)
    .globl enter_case
enter_case:
    push %rbp
    push %rbx
    push %r12
    push %r13
    push %r14
    push %r15
    mov %rsp, saved_rsp(%rip)
    fxrstor64 (%rsi)
    testw $LOAD_SEGMENTS, CASE_FLAGS(%rdi)
    jz 1f
    mov SEL_DS(%rdi), %ds
    mov SEL_ES(%rdi), %es
    mov SEL_FS(%rdi), %fs
    mov SEL_GS(%rdi), %gs
    jmp 2f
1:
    mov 144(%rdi), %rax
    wrfsbase %rax
    mov 152(%rdi), %rax
    wrgsbase %rax
2:
    // IRET to a 16-bit stack keeps bits 31:16 of this pointer (STACK16_HIGH of the tests).
    mov $(FRAME+0xf00), %esp
    movzwl SEL_SS(%rdi), %eax
    push %rax
    push 32(%rdi)
    push 136(%rdi)
    movzwl SEL_CS(%rdi), %eax
    push %rax
    push 128(%rdi)
    mov 0(%rdi), %rax
    mov 8(%rdi), %rcx
    mov 16(%rdi), %rdx
    mov 24(%rdi), %rbx
    mov 40(%rdi), %rbp
    mov 48(%rdi), %rsi
    mov 64(%rdi), %r8
    mov 72(%rdi), %r9
    mov 80(%rdi), %r10
    mov 88(%rdi), %r11
    mov 96(%rdi), %r12
    mov 104(%rdi), %r13
    mov 112(%rdi), %r14
    mov 120(%rdi), %r15
    mov 56(%rdi), %rdi
    iretq

// Handler of every signal: on_signal says whether the case is over.
    .globl signal_entry
signal_entry:
    sub $8, %rsp
    pushfq
    // Alignment checks may be those of the case. The nested-task flag must stay: the way back from
    // a signal does not restore it.
    andl $~0x40000, (%rsp)
    popfq
    call on_signal
    add $8, %rsp
    test %eax, %eax
    jnz leave_case
    ret

leave_case:
    mov saved_rsp(%rip), %rsp
    xor %ecx, %ecx
    mov %ecx, %ds
    mov %ecx, %es
    mov %ecx, %fs
    mov %ecx, %gs
    mov saved_fs(%rip), %rcx
    wrfsbase %rcx
    xor %ecx, %ecx
    wrgsbase %rcx
    pushq $0x202
    popfq
    pop %r15
    pop %r14
    pop %r13
    pop %r12
    pop %rbx
    pop %rbp
    ret

leave_end:
    mov end_floating(%rip), %rax
    fxsave64 (%rax)
    rdfsbase %rax
    mov %rax, END_DATA+144
    rdgsbase %rax
    mov %rax, END_DATA+152
    mov %ds, END_DATA+164
    mov %es, END_DATA+166
    mov %fs, END_DATA+168
    mov %gs, END_DATA+170
    xor %eax, %eax
    jmp leave_case

// Copied to END: stores the registers and goes back. END+0x800 serves code of 32 bits; code
// of 16 bits jumps to END by a far jump.
    .globl end_stub, end_stub_bytes
end_stub:
    movq %rax, END_DATA+0
    movq %rsp, END_DATA+32
    movq $(END_DATA+0x800), %rsp
    pushfq
    popq END_DATA+136
    pushq $0x202
    popfq
    movq %rcx, END_DATA+8
    movq %rdx, END_DATA+16
    movq %rbx, END_DATA+24
    movq %rbp, END_DATA+40
    movq %rsi, END_DATA+48
    movq %rdi, END_DATA+56
    movq %r8, END_DATA+64
    movq %r9, END_DATA+72
    movq %r10, END_DATA+80
    movq %r11, END_DATA+88
    movq %r12, END_DATA+96
    movq %r13, END_DATA+104
    movq %r14, END_DATA+112
    movq %r15, END_DATA+120
    mov %ss, END_DATA+162
    jmp *END_DATA+0x100
    .fill 0x800 - (. - end_stub), 1, 0xcc
    .byte 0xea
    .long END
    .word 0x33
end_stub_end:
    .section .rodata
end_stub_bytes:
    .quad end_stub_end - end_stub
    .text

// The only code that may ask the kernel for anything once the filter is on.
    .globl syscall_begin, syscall_end, kernel_call, signal_return
syscall_begin:
// long kernel_call(long number, long a, long b, long c, long d, long e, long f)
kernel_call:
    mov %rdi, %rax
    mov %rsi, %rdi
    mov %rdx, %rsi
    mov %rcx, %rdx
    mov %r8, %r10
    mov %r9, %r8
    mov 8(%rsp), %r9
    syscall
    ret
signal_return:
    mov $15, %eax
    syscall
syscall_end:
    nop

    .bss
    .globl saved_fs, end_floating
    .balign 16
saved_rsp: .quad 0
saved_fs: .quad 0
end_floating: .quad 0

    .section .data.rel.ro, "aw"
    .balign 8
    .globl leave_end_pointer
leave_end_pointer: .quad leave_end
    .section .note.GNU-stack, "", @progbits
