/* Where processors begin that are started by a SIPI: copied to 0x8000, 16-bit code. */
        .set    TRAMPOLINE, 0x8000
        .text
        .code16
        .globl  ap_start, ap_start_end
ap_start:
        cli
        xor     %ax, %ax
        mov     %ax, %ds
        lgdtl   TRAMPOLINE + (ap_gdt_pointer - ap_start)
        mov     %cr0, %eax
        or      $1, %eax
        mov     %eax, %cr0
        ljmpl   $0x18, $ap_protected
        .align  4
ap_gdt_pointer:
        .word   31
        .long   gdt
ap_start_end:

        .code32
ap_protected:
        mov     $16, %eax
        mov     %eax, %ds
        mov     %eax, %es
        mov     %eax, %ss
        /* Each takes a number and the stack that goes with it. */
        mov     $1, %ebx
        lock xadd %ebx, ap_next
        imul    $4096, %ebx, %esp
        add     $ap_stacks + 4096, %esp
        call    enter_long_mode
        ljmp    $8, $ap_long

        .code64
ap_long:
        mov     %esp, %esp
        lea     1(%rbx), %edi
        call    ap_main
1:      cli
        hlt
        jmp     1b

        .bss
        .align  4096
ap_stacks:
        .skip   63 * 4096
        .globl  ap_next
ap_next:
        .skip   4
