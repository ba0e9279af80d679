/* Endless loops of 16 events a round, for the host to time. RBX counts rounds; RDI points to a page,
 * of which another copy lies each 4 MiB higher. A loop is timed against one without its event. */
        .text
        .code64

        .macro  begin name
        .globl  loop_\name
loop_\name:
        xor     %ebx, %ebx
1:
        .endm

        .macro  end
        inc     %rbx
        jmp     1b
        .endm

        begin   move
        .rept   16
        mov     %rdi, %rax
        .endr
        end

        begin   load
        .rept   16
        mov     (%rdi), %rax
        .endr
        end

/* Pages that fall onto the same place in a direct-mapped cache. */
        begin   conflict
        .rept   4
        mov     (%rdi), %rax
        mov     0x1000000(%rdi), %rax
        mov     0x2000000(%rdi), %rax
        mov     0x3000000(%rdi), %rax
        .endr
        end

        begin   exception
        xor     %ebp, %ebp
2:
        .rept   16
        div     %ebp                    /* two bytes */
        .endr
        inc     %rbx
        jmp     2b

        .globl  skip_division
skip_division:
        addq    $2, (%rsp)
        iretq

/* What the handler of the exception does. */
        begin   add
        .rept   16
        addq    $2, -128(%rsp)
        .endr
        end

        begin   port
        mov     $0x3fd, %edx            /* line status of COM1 */
2:
        .rept   16
        in      %dx, %al
        .endr
        inc     %rbx
        jmp     2b

        .macro  self_ipi
        mov     $0x83f, %ecx
        mov     $0x40, %eax
        xor     %edx, %edx
        wrmsr
        .endm

        .macro  end_of_interrupt
        mov     $0x80b, %ecx
        xor     %eax, %eax
        wrmsr
        .endm

        .globl  acknowledge
acknowledge:
        end_of_interrupt
        iretq

/* The interrupt comes behind the WRMSR. */
        begin   interrupt
        sti
        .rept   16
        self_ipi
        .endr
        end

/* The same requests, not delivered. */
        begin   request
        cli
        .rept   16
        self_ipi
        end_of_interrupt
        .endr
        end
