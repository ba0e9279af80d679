/* Boot sector of a floppy disk that holds a multiboot image behind it, for emulators that have a BIOS
 * and no loader of their own. Whoever makes the disk fills in the words at 0x1f0. */
        .code16
        .globl  _start
_start:
        ljmp    $0, $begin
begin:
        xor     %ax, %ax
        mov     %ax, %ds
        mov     %ax, %ss
        mov     $0x7c00, %sp
        mov     $0x1000, %bx            /* segment to read to: 0x10000 and up */
        mov     $1, %si                 /* sector on the disk, from 0 */
        mov     sectors, %di
read:   mov     %bx, %es
        push    %bx
        mov     %si, %ax
        mov     $18, %cl
        div     %cl                     /* AL track, AH sector */
        mov     %ah, %cl
        inc     %cl
        mov     %al, %ch
        shr     $1, %ch
        mov     %al, %dh
        and     $1, %dh
        mov     $0, %dl
        xor     %bx, %bx
        mov     $0x0201, %ax
        int     $0x13
        pop     %bx
        jc      read
        add     $0x20, %bx
        inc     %si
        dec     %di
        jnz     read

        in      $0x92, %al
        or      $2, %al
        out     %al, $0x92
        cli
        lgdt    gdt_pointer
        mov     %cr0, %eax
        or      $1, %eax
        mov     %eax, %cr0
        ljmp    $8, $protected

        .code32
protected:
        mov     $16, %eax
        mov     %eax, %ds
        mov     %eax, %es
        mov     %eax, %ss
        mov     $0x10000, %esi
        mov     $0x100000, %edi
        movzwl  sectors, %ecx
        shl     $7, %ecx
        cld
        rep movsl
        mov     zeros, %ecx
        xor     %eax, %eax
        rep stosb
        mov     $0x2badb002, %eax
        xor     %ebx, %ebx
        jmp     *entry

        .align  8
gdt:    .quad   0
        .quad   0x00cf9b000000ffff
        .quad   0x00cf93000000ffff
gdt_pointer:
        .word   23
        .long   gdt

        .org    0x1f0
sectors:
        .word   0                       /* of the image */
zeros:  .long   0                       /* bytes to clear behind it */
entry:  .long   0
        .org    0x1fe
        .word   0xaa55
