/* Real-address mode, as a boot sector has it: loaded at 0x7c00, entered at its first byte. */
        .code16
        .text
        .globl  _start
_start:
        cli
        xor     %ax, %ax
        mov     %ax, %ds
        mov     %ax, %es
        mov     %ax, %ss
        mov     $0x7c00, %sp
        ljmp    $0, $begin
begin:
        cld
        mov     $greeting, %si
        call    print

        /* Interrupt vectors: 0 for #DE, 0x60 for a service that squares AX. */
        movw    $divide_error, 0
        movw    $0, 2
        movw    $square, 4 * 0x60
        movw    $0, 4 * 0x60 + 2

        mov     $7, %ax
        int     $0x60
        cmp     $49, %ax
        mov     $text_int, %si
        call    report

        xor     %dx, %dx
        mov     $5, %ax
        xor     %bx, %bx
        div     %bx                     /* the handler goes on behind it with AX = 0x600d */
        cmp     $0x600d, %ax
        mov     $text_divide, %si
        call    report

        /* 38 + 45 in packed decimal */
        mov     $0x38, %al
        add     $0x45, %al
        daa
        cmp     $0x83, %al
        mov     $text_decimal, %si
        call    report

        /* Segments overlap: 0x1000:0x0010 and 0x1001:0x0000 are the same byte. */
        mov     $0x1000, %ax
        mov     %ax, %es
        movb    $0x5a, %es:0x10
        mov     $0x1001, %ax
        mov     %ax, %es
        cmpb    $0x5a, %es:0
        mov     $text_segments, %si
        call    report

        /* Copied to another segment and compared there. */
        mov     $greeting, %si
        xor     %di, %di
        mov     $greeting_end - greeting, %cx
        mov     %cx, %bx
        rep movsb
        mov     $greeting, %si
        xor     %di, %di
        mov     %bx, %cx
        repe cmpsb
        mov     $text_strings, %si
        call    report

        mov     failed, %al
        xor     %ah, %ah
        cwde
        mov     $0xf4, %dx
        out     %eax, %dx
halt:   hlt
        jmp     halt

/* ZF says whether the line at SI is right. */
report:
        pushf
        call    print
        popf
        mov     $text_right, %si
        jz      1f
        incb    failed
        mov     $text_wrong, %si
1:      jmp     print

print:  mov     $0x3fd, %dx
1:      in      %dx, %al
        test    $0x20, %al
        jz      1b
        lodsb
        test    %al, %al
        jz      2f
        mov     $0x3f8, %dx
        out     %al, %dx
        jmp     print
2:      ret

square: imul    %ax, %ax
        iret

/* The division is two bytes long. */
divide_error:
        push    %bp
        mov     %sp, %bp
        addw    $2, 2(%bp)
        pop     %bp
        mov     $0x600d, %ax
        iret

failed: .byte   0
greeting:
        .asciz  "real-address mode\n"
greeting_end:
text_int:       .asciz  "a software interrupt: "
text_divide:    .asciz  "a division by zero, caught: "
text_decimal:   .asciz  "decimal arithmetic: "
text_segments:  .asciz  "segments that overlap: "
text_strings:   .asciz  "string instructions: "
text_right:     .asciz  "right\n"
text_wrong:     .asciz  "WRONG\n"
