/* Exceptions of the 32-bit checks: each is recorded, and the check is left at resume_eip. */
        .text
        .code32
        .altmacro
        .macro  stub vector
trap_\vector:
        .if     \vector == 8 || (\vector >= 10 && \vector <= 14) || \vector == 17
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
        cld
        mov     $0x10, %eax
        mov     %eax, %ds
        mov     %eax, %es
        mov     %eax, %fs
        mov     %eax, %gs
        mov     0(%esp), %eax
        mov     %eax, seen_vector
        mov     4(%esp), %eax
        mov     %eax, seen_error
        mov     8(%esp), %eax
        mov     %eax, seen_eip
        mov     12(%esp), %eax
        mov     %eax, seen_cs
        mov     16(%esp), %eax
        mov     %eax, seen_eflags
        mov     %cr2, %eax
        mov     %eax, seen_cr2
        mov     %dr6, %eax
        mov     %eax, seen_dr6
        mov     $0x10, %eax
        mov     %eax, %ss
        mov     resume_esp, %esp
        push    $2
        popf
        jmp     *resume_eip

/* Tasks that take exceptions while the section on task switches lasts: vectors 10 to 13. */
        .macro  fault_task vector
        .globl  fault_task_\vector
fault_task_\vector:
        movl    $\vector, seen_vector
        jmp     fault_common
        .endm
        fault_task 10
        fault_task 11
        fault_task 12
        fault_task 13

fault_common:
        pop     %eax
        mov     %eax, seen_error
        str     %eax
        pushf
        pop     %eax
        mov     %eax, seen_eflags
        and     $~0x4000, %eax
        push    %eax
        popf
        call    leave_fault_task        /* makes the first task resume at resume_eip */
        ljmp    $0x80, $0
        jmp     .

/* What the second task does: note what it sees, and return by IRET. */
        .globl  second_task, second_task_16
second_task:
        pushf
        popl    second_eflags
        str     %eax
        mov     %eax, second_tr
        mov     %cr0, %eax
        mov     %eax, second_cr0
        mov     %cr3, %eax
        mov     %eax, second_cr3
        mov     %dr7, %eax
        mov     %eax, second_dr7
        iret
        jmp     second_task

        .section .rodata
        .align  4
        .globl  trap_entries
        .macro  entry vector
        .long   trap_\vector
        .endm
trap_entries:
        .set    n, 0
        .rept   256
        entry   %n
        .set    n, n + 1
        .endr

        .bss
        .align  16
        .globl  user_stack_top, fault_stack_top
        .skip   4096
user_stack_top:
        .skip   4096
fault_stack_top:
