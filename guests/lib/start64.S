/* From the multiboot entry (32-bit protected mode, no paging) to 64-bit mode and guest_main.
 * Linear 0-4 GiB are mapped onto the same physical addresses by 2 MiB pages. */
        .section .multiboot, "a"
        .align 4
        .long 0x1badb002, 0, -0x1badb002

        .text
        .code32
        .globl _start
_start:
        cli
        mov     $stack_top, %esp
        mov     %ebx, boot_info

        mov     $pdpt + 7, %eax
        mov     %eax, pml4
        mov     $page_directories + 7, %eax
        mov     $pdpt, %edi
        mov     $4, %ecx
1:      mov     %eax, (%edi)
        add     $0x1000, %eax
        add     $8, %edi
        loop    1b

        mov     $0x87, %eax             /* present, writable, user, 2 MiB */
        mov     $page_directories, %edi
        mov     $2048, %ecx
2:      mov     %eax, (%edi)
        add     $0x200000, %eax
        add     $8, %edi
        loop    2b

        call    enter_long_mode
        ljmp    $8, $long_start

/* Also used by processors that are started later; EAX and ECX are lost. */
        .globl enter_long_mode
enter_long_mode:
        lgdt    gdt_pointer
        mov     %cr4, %eax
        or      $0x20, %eax             /* PAE */
        mov     %eax, %cr4
        mov     $pml4, %eax
        mov     %eax, %cr3
        mov     $0xc0000080, %ecx       /* IA32_EFER */
        rdmsr
        or      $0x100, %eax            /* LME */
        wrmsr
        mov     %cr0, %eax
        or      $0x80010001, %eax       /* PG, WP, PE */
        mov     %eax, %cr0
        ret

        .code64
long_start:
        mov     $16, %eax
        mov     %eax, %ds
        mov     %eax, %es
        mov     %eax, %ss
        xor     %eax, %eax
        mov     %eax, %fs
        mov     %eax, %gs
        mov     $stack_top, %rsp
        xor     %ebp, %ebp
        mov     boot_info, %edi
        call    guest_main
        mov     %eax, %edi
        call    guest_exit

        .section .rodata
        .align 8
        .globl gdt, gdt_pointer
gdt:    .quad   0
        .quad   0x00af9b000000ffff      /* 64-bit code */
        .quad   0x00cf93000000ffff      /* data */
        .quad   0x00cf9b000000ffff      /* 32-bit code */
gdt_pointer:
        .word   . - gdt - 1
        .long   gdt

        .bss
        .align 4096
        .globl pml4, pdpt, page_directories
pml4:   .skip   4096
pdpt:   .skip   4096
page_directories:
        .skip   4 * 4096
        .skip   32768
stack_top:
boot_info:
        .skip   4
