/*
 * A CPU driver that only tells how it was entered: to core 0's debug port go control registers and flags, %rdi, then the
 * boot data page; all in binary, after a line that says so. With FAULT defined it faults at once.
 */
#include <abi/abi_asm.h>

#define MSR_EFER 0xc0000080
#define SEND(register) movq register, word(%rip); leaq word(%rip), %rsi; movl $8, %ecx; rep outsb

.text
.globl core_entry
.type core_entry, @function
core_entry:
#ifdef FAULT
    leaq stack_top(%rip), %rsp
    ud2
#endif
    movq %rdi, %rbx
    movw $PORT_LOG_BASE, %dx
    leaq line(%rip), %rsi
    movl $(line_end - line), %ecx
    rep outsb
    movq %cr0, %rax
    SEND(%rax)
    movq %cr3, %rax
    SEND(%rax)
    movq %cr4, %rax
    SEND(%rax)
    movl $MSR_EFER, %ecx
    rdmsr
    movw $PORT_LOG_BASE, %dx
    SEND(%rax)
    leaq stack_top(%rip), %rsp          /* the last thing that needs one: flags */
    pushfq
    popq %rax
    SEND(%rax)
    SEND(%rbx)
    movq %rbx, %rsi
    movl $BOOT_DATA_SIZEOF, %ecx
    rep outsb
    movb $GUEST_EXIT_SUCCESS, %al
    movw $PORT_EXIT, %dx
    outb %al, %dx
1:  cli
    hlt
    jmp 1b
.size core_entry, . - core_entry

.section .rodata
line: .ascii "core: entered\n"
line_end:

.bss
.balign 16
word: .skip 8
    .skip 256
.balign 16
stack_top: .skip 8

.section .note.GNU-stack, "", @progbits
