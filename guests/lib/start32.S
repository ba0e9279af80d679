/* The multiboot entry of 32-bit guests; guest_main gets the boot information. */
        .section .multiboot, "a"
        .align 4
        .long 0x1badb002, 0, -0x1badb002

        .text
        .code32
        .globl _start
_start:
        cli
        mov     $stack_top, %esp
        sub     $12, %esp               /* with the argument, aligned to 16 bytes as C wants it */
        push    %ebx
        call    guest_main
        push    %eax
        call    guest_exit

        .bss
        .align 4096
        .skip   16384
stack_top:
