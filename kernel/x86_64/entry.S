/*
 * Ways into and out of the CPU driver.
 */
#include <abi/abi_asm.h>

#include "x86_64/assembly.h"
#include "x86_64/descriptors.h"
#include "x86_64/offsets.h"

#define KERNEL_STACK_TOP (kernel_stacks + KERNEL_STACK_OFFSET)

.macro PUSH_REGISTERS
    pushq %r15
    pushq %r14
    pushq %r13
    pushq %r12
    pushq %r11
    pushq %r10
    pushq %r9
    pushq %r8
    pushq %rbp
    pushq %rdi
    pushq %rsi
    pushq %rdx
    pushq %rcx
    pushq %rbx
    pushq %rax
.endm

.text

/*
 * First instruction of a core. Long mode, entry tables of the starter, interrupts off, no stack.
 * in: %rdi = physical address of the boot data page (identity mapped)
 */
FUNCTION(core_entry)
    leaq KERNEL_STACK_TOP - CONTEXT_SIZE(%rip), %rsp /* above lies the user context, soon to be filled in */
    xorl %ebp, %ebp
    call core_main
    ud2
END_FUNCTION(core_entry)

/*
 * syscall instruction. Ring 0, user stack still in %rsp, interrupts off by SFMASK.
 * in: %rcx = user %rip, %r11 = user %rflags; the rest is the user's
 */
FUNCTION(entry_syscall)
    movq %rsp, syscall_rsp(%rip)
    cmpq $SYS_LRPC, %rax
    je lrpc_fast
    .globl entry_syscall_slow
entry_syscall_slow:
    leaq KERNEL_STACK_TOP(%rip), %rsp
    pushq $SELECTOR_USER_DATA
    pushq syscall_rsp(%rip)
    pushq %r11
    pushq $SELECTOR_USER_CODE
    pushq %rcx
    pushq $0
    pushq $VECTOR_SYSCALL
    PUSH_REGISTERS
    xorl %ebp, %ebp
    incq counters(%rip)
    cmpq $SYS_COUNT, %rax
    jae syscall_unknown
    call *abi_syscalls(, %rax, 8)
leave:
    cmpl $VECTOR_SYSCALL, CONTEXT_VECTOR(%rsp)
    jne leave_other
    popq %rax
    popq %rbx
    addq $8, %rsp
    popq %rdx
    popq %rsi
    popq %rdi
    popq %rbp
    popq %r8
    popq %r9
    popq %r10
    addq $8, %rsp
    popq %r12
    popq %r13
    popq %r14
    popq %r15
    movq CONTEXT_RIP - CONTEXT_VECTOR(%rsp), %rcx
    movq CONTEXT_RFLAGS - CONTEXT_VECTOR(%rsp), %r11
    movq CONTEXT_RSP - CONTEXT_VECTOR(%rsp), %rsp
    sysretq
leave_other:
    cmpl $VECTOR_UPCALL, CONTEXT_VECTOR(%rsp)
    jne leave_trap
    /* An upcall: an entry and the frame, and nothing of what was in the registers. */
    movq 0(%rsp), %rax
    movq CONTEXT_RIP(%rsp), %rcx
    movl $RFLAGS_FIXED | RFLAGS_IF, %r11d
    xorl %ebx, %ebx
    xorl %edx, %edx
    xorl %esi, %esi
    xorl %edi, %edi
    xorl %ebp, %ebp
    xorl %r8d, %r8d
    xorl %r9d, %r9d
    xorl %r10d, %r10d
    xorl %r12d, %r12d
    xorl %r13d, %r13d
    xorl %r14d, %r14d
    xorl %r15d, %r15d
    xorl %esp, %esp
    sysretq
syscall_unknown:
    movq $ERR_SYSCALL, 0(%rsp)
    jmp leave
END_FUNCTION(entry_syscall)

/*
 * Go to user space with the context at the top of the kernel stack.
 */
FUNCTION(entry_leave)
    leaq KERNEL_STACK_TOP - CONTEXT_SIZE(%rip), %rsp
    jmp leave
END_FUNCTION(entry_leave)

/*
 * The null system call, in as many instructions as it needs.
 */
FUNCTION(sys_null)
    movq $ERR_OK, 8(%rsp) /* %rax, above the return address */
    ret
END_FUNCTION(sys_null)

/*
 * Exceptions and interrupts, from user space or from the idle loop (or, fatally, from our own code).
 * Each stub pushes its vector, and 0 where the CPU pushes no error code.
 */
FUNCTION(trap_common)
    PUSH_REGISTERS
    /* AC would switch SMAP off and DF is not what C expects; a domain can set both. */
    pushq $RFLAGS_FIXED
    popfq
    movq %rsp, %rdi
    xorl %ebp, %ebp
    testb $3, CONTEXT_CS(%rsp)
    jz trap_kernel
    call trap
    jmp entry_leave
END_FUNCTION(trap_common)

/* From ring 0: keep %rbp for the backtrace, go back to where it was. */
FUNCTION(trap_kernel)
    movq 48(%rsp), %rbp
    call trap
    /* fall through */
END_FUNCTION(trap_kernel)

FUNCTION(leave_trap)
    popq %rax
    popq %rbx
    popq %rcx
    popq %rdx
    popq %rsi
    popq %rdi
    popq %rbp
    popq %r8
    popq %r9
    popq %r10
    popq %r11
    popq %r12
    popq %r13
    popq %r14
    popq %r15
    addq $16, %rsp
    iretq
END_FUNCTION(leave_trap)

.altmacro
/* Vectors for which the CPU pushes an error code. [SDM3 6.15] */
.macro STUB number
vector_\number:
    .if \number == 8 || (\number >= 10 && \number <= 14) || \number == 17 || \number == 21 || \number == 29 || \number == 30
    .else
    pushq $0
    .endif
    pushq $\number
    jmp trap_common
.endm
.macro STUB_ADDRESS number
    .quad vector_\number
.endm

.type vector_stubs, @function
vector_stubs:
.set n, 0
.rept 256
    STUB %n
    .set n, n + 1
.endr
.size vector_stubs, . - vector_stubs

.section .rodata
.globl entry_vectors
.balign 8
entry_vectors:
.set n, 0
.rept 256
    STUB_ADDRESS %n
    .set n, n + 1
.endr
.size entry_vectors, . - entry_vectors

.bss
.balign 8
.globl syscall_rsp
syscall_rsp:
    .quad 0

.section .note.GNU-stack, "", @progbits
