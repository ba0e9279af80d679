/* Entries for the vectors that this guest uses, and the ways between the rings. */
        .text
        .code32
        .macro  stub vector, has_error
        .globl  trap_\vector
trap_\vector:
        .if     \has_error == 0
        push    $0
        .endif
        push    $\vector
        jmp     trap_common
        .endm

        stub    13, 1
        stub    14, 1
        stub    128, 0

trap_common:
        pusha
        push    %ds
        push    %es
        mov     $0x10, %eax
        mov     %eax, %ds
        mov     %eax, %es
        push    %esp
        cld
        call    trap
        add     $4, %esp
        pop     %es
        pop     %ds
        popa
        add     $8, %esp
        iret

/* Runs the function at 4(%esp) in ring 3 until leave_user is called; keeps EBX, ESI, EDI, EBP. */
        .globl  enter_user
enter_user:
        mov     4(%esp), %eax
        pusha
        mov     %esp, kernel_esp
        mov     %esp, tss + 4
        pushl   $0x23                   /* SS */
        pushl   $user_stack_top
        pushf
        pushl   $0x1b                   /* CS */
        push    %eax
        mov     $0x23, %ecx
        mov     %ecx, %ds
        mov     %ecx, %es
        iret

        .globl  leave_user
leave_user:
        mov     kernel_esp, %esp
        popa
        ret

        .bss
        .align  16
kernel_esp:
        .skip   4
        .skip   4096
user_stack_top:
        .globl  tss
        .align  128
tss:    .skip   104
