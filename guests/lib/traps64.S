/* One entry for each of the 256 vectors; all end in trap(struct frame *). */
        .text
        .code64
        .altmacro

        .macro  stub vector
trap_\vector:
        .if     \vector == 8 || (\vector >= 10 && \vector <= 14) || \vector == 17 || \vector == 21
        .else
        push    $0                      /* in the place of an error code */
        .endif
        push    $\vector
        jmp     trap_common
        .endm

        .set    n, 0
        .rept   256
        stub    %n
        .set    n, n + 1
        .endr

trap_common:
        push    %rax
        push    %rbx
        push    %rcx
        push    %rdx
        push    %rsi
        push    %rdi
        push    %rbp
        push    %r8
        push    %r9
        push    %r10
        push    %r11
        push    %r12
        push    %r13
        push    %r14
        push    %r15
        mov     %rsp, %rdi
        mov     %rsp, %rbp
        and     $-16, %rsp
        cld
        call    trap
        mov     %rbp, %rsp
        pop     %r15
        pop     %r14
        pop     %r13
        pop     %r12
        pop     %r11
        pop     %r10
        pop     %r9
        pop     %r8
        pop     %rbp
        pop     %rdi
        pop     %rsi
        pop     %rdx
        pop     %rcx
        pop     %rbx
        pop     %rax
        add     $16, %rsp
        iretq

        .macro  entry vector
        .quad   trap_\vector
        .endm

        .section .rodata
        .align  8
        .globl  trap_entries
trap_entries:
        .set    n, 0
        .rept   256
        entry   %n
        .set    n, n + 1
        .endr
