/*
 * Real mode to the entry state in one step. Position independent: the page it is copied to is known from CS only.
 * [SDM3 9.8.5, 8.4]
 *
 * Entered by SIPI: real mode, CS = page number << 8, IP = 0, interrupts off.
 * Leaves in the entry state (kernel/boot/README.md).
 */
#include <abi/abi_asm.h>

#include "boot/assembly.h"

/* Offset in the page: what a real-mode instruction addresses, DS being the same as CS. */
#define IN_PAGE(symbol) (symbol - trampoline_start)

.section .rodata.trampoline, "a", @progbits
.code16

.balign 16
.globl trampoline_start, trampoline_parameters, trampoline_end
.type trampoline_start, @object
trampoline_start:
    cli
    cld
    movw %cs, %ax
    movw %ax, %ds
    movzwl %ax, %ebx
    shll $4, %ebx                       /* the page's address */

    /* Where the table and the 64-bit code are. */
    addl %ebx, IN_PAGE(gdt_base)
    addl %ebx, IN_PAGE(far_offset)
    lgdtl IN_PAGE(gdt_pointer)

    movl $CR4_PAE, %eax
    movl %eax, %cr4
    movl IN_PAGE(trampoline_parameters), %eax
    movl %eax, %cr3
    movl $MSR_EFER, %ecx
    movl $(EFER_LME | EFER_NXE), %eax
    xorl %edx, %edx
    wrmsr
    movl $CR0_ENTRY, %eax
    movl %eax, %cr0                     /* the page is identity mapped: the next instruction is where it was */
    ljmpl *IN_PAGE(far_offset)

.code64
long_mode:
    xorl %eax, %eax
    movl %eax, %ds
    movl %eax, %es
    movl %eax, %fs
    movl %eax, %gs
    movl %eax, %ss
    movq trampoline_parameters + 16(%rip), %rdi
    movq trampoline_parameters + 8(%rip), %rax
    jmpq *%rax

.balign 8
gdt:
    .quad 0
    .quad DESCRIPTOR_CODE64
gdt_pointer:
    .word . - gdt - 1
gdt_base:
    .long IN_PAGE(gdt)
far_offset:
    .long IN_PAGE(long_mode)
    .word SELECTOR_CODE64

.balign 8
trampoline_parameters:                  /* struct parameters in trampoline.c */
    .quad 0                             /* cr3 */
    .quad 0                             /* entry */
    .quad 0                             /* boot data */
trampoline_end:
.size trampoline_start, . - trampoline_start

.section .note.GNU-stack, "", @progbits
