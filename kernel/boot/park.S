/*
 * What a parked core runs. Position independent but for the pointers in park_tables, which park_write fills in.
 *
 * Entered by a jump, or by NMI when it is here already: long mode, ring 0, this page and the next mapped at their own
 * addresses, any stack, anything in the registers. Leaves in the entry state (kernel/boot/README.md).
 */
#include <abi/abi_asm.h>

#include "boot/assembly.h"

#define MAILBOX(field) park_start + PAGE_SIZE + PARK_MAILBOX_##field(%rip)
#define RFLAGS_FIXED 2

.section .rodata.park, "a", @progbits
.code64

.balign 16
.globl park_start, park_tables, park_end
.type park_start, @object
park_start:
    cli
    cld
    /* Nothing of the CPU driver stays: not its tables, not its global translations, which go with PGE. [SDM3 4.10.4.1] */
    movq park_cr3(%rip), %rax
    movq %rax, %cr3
    movl $CR4_PAE, %eax
    movq %rax, %cr4
    movl $CR0_ENTRY, %eax
    movq %rax, %cr0
    movl $MSR_EFER, %ecx
    movl $(EFER_LME | EFER_LMA | EFER_NXE), %eax
    xorl %edx, %edx
    wrmsr
    lgdt park_gdt_pointer(%rip)
    lidt park_idt_pointer(%rip)
    xorl %eax, %eax
    movl %eax, %ds
    movl %eax, %es
    movl %eax, %fs
    movl %eax, %gs
    lldt %ax
    /* To the next line, but as the return from an NMI: until then there would be no other. [SDM3 6.7.1] */
    leaq park_start + 2 * PAGE_SIZE(%rip), %rsp
    movq %rsp, %rbx
    leaq look(%rip), %rcx
    pushq %rax
    pushq %rbx
    pushq $RFLAGS_FIXED
    pushq $SELECTOR_CODE64
    pushq %rcx
    iretq
look:
    movq MAILBOX(CR3), %rax
    testq %rax, %rax
    jnz leave
    movq $PARK_STATE_PARKED, MAILBOX(STATE) /* P1 */
1:  hlt
    jmp 1b

leave: /* P2; the entry tables map this block too */
    movq MAILBOX(ENTRY), %rcx
    movq MAILBOX(BOOT_DATA), %rdi
    movq $PARK_STATE_AWAY, MAILBOX(STATE)
    movq $0, MAILBOX(CR3)
    movq %rax, %cr3
    jmpq *%rcx

.balign 8
park_gdt:
    .quad 0
    .quad DESCRIPTOR_CODE64
park_gdt_end:

.balign 16
park_tables: /* struct tables in park.c */
park_idt:
    .skip 16 * (VECTOR_NMI + 1)
park_idt_end:
park_cr3:
    .quad 0
park_gdt_pointer:
    .word park_gdt_end - park_gdt - 1
    .quad park_gdt - park_start
park_idt_pointer:
    .word park_idt_end - park_idt - 1
    .quad park_idt - park_start
park_end:
.size park_start, . - park_start

.section .note.GNU-stack, "", @progbits
