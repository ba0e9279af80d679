/* VM entry and VM exit with all general registers, and the guests' trap entries. */
        .text
        .code64
        .globl  vm_enter, vm_exit_point, guest_trap, unblock_nmis

        .macro  registers operation
        \operation 0, %rax
        \operation 8, %rcx
        \operation 16, %rdx
        \operation 24, %rbx
        \operation 40, %rbp
        \operation 48, %rsi
        \operation 56, %rdi
        \operation 64, %r8
        \operation 72, %r9
        \operation 80, %r10
        \operation 88, %r11
        \operation 96, %r12
        \operation 104, %r13
        \operation 112, %r14
        \operation 120, %r15
        .endm
        .macro  restore at, register
        mov     guest + \at, \register
        .endm
        .macro  save at, register
        mov     \register, guest + \at
        .endm

/* vm_enter(launched): 0 after a VM exit, 1 when CF and 2 when ZF says that there was no entry. */
vm_enter:
        push    %rbx
        push    %rbp
        push    %r12
        push    %r13
        push    %r14
        push    %r15
        mov     $0x6c14, %eax           /* host_rsp */
        vmwrite %rsp, %rax
        test    %edi, %edi
        registers restore
        jnz     1f
        vmlaunch
        jmp     2f
1:      vmresume
2:      mov     $1, %eax
        mov     $2, %ecx
        cmovz   %ecx, %eax
        jmp     3f
vm_exit_point:
        registers save
        xor     %eax, %eax
3:      pop     %r15
        pop     %r14
        pop     %r13
        pop     %r12
        pop     %rbp
        pop     %rbx
        cld
        ret

unblock_nmis:
        mov     %rsp, %rax
        pushq   $0x10
        push    %rax
        pushf
        pushq   $8
        push    $1f
        iretq
1:      ret

        .macro  guest_entry vector
        push    $\vector
        jmp     guest_trap
        .balign 16
        .endm

        .altmacro
        .balign 16
        .globl  guest_entries
guest_entries:
        .set    n, 0
        .rept   256
        guest_entry %n
        .set    n, n + 1
        .endr
/* The host looks at the stack here; what comes behind serves vectors without an error code. */
guest_trap:
        vmcall
        add     $8, %rsp
        iretq

        .bss
        .align  16
        .globl  guest
guest:  .skip   128
