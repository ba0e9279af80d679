/* Code that is rewritten while it runs; the bytes to change have names. */
        .section .code_to_patch, "awx"
        .code64
        .globl  patch_next, patch_loop, patched, patched_value, patched_end

/* Stores EDI into the next instruction's operand and executes it: returns what was moved. */
patch_next:
        mov     %edi, next_value(%rip)
        .byte   0xb8                    /* mov $imm32, %eax */
next_value:
        .long   0
        ret

/* Adds 1, 2, ... EDI, where each turn of the loop rewrites the operand of the next. */
patch_loop:
        xor     %eax, %eax
        movl    $1, loop_value(%rip)
        mov     %edi, %ecx
1:      .byte   0x05                    /* add $imm32, %eax */
loop_value:
        .long   0
        incl    loop_value(%rip)
        dec     %ecx
        jnz     1b
        ret

        .align  4096
/* A page of its own, to be written through another linear address. */
patched:
        .byte   0xb8
patched_value:
        .long   0
        ret
patched_end:
        .align  4096
