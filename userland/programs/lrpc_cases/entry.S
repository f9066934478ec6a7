/* Both ends of a case: the sender's system call with every register set and stored, and the receiver, a second
   dispatcher of this domain without a library. */
#include <abi/abi_asm.h>

#define FUNCTION(name) .globl name; .type name, @function; .balign 16; name:
#define END_FUNCTION(name) .size name, . - name

/* Offsets in struct registers_seen and the modes of main.c. */
#define MODE_BLOCK 0
#define MODE_DEADLINE 1
#define MODE_YIELD_DISABLED 2
#define MODE_YIELD_ENABLED 3

    .text

/* void case_send(struct registers_seen *registers): loads all, sends, stores all. */
FUNCTION(case_send)
    push %rbx
    push %rbp
    push %r12
    push %r13
    push %r14
    push %r15
    push %rdi
    mov %rsp, saved_rsp(%rip)
    mov %rdi, %rax
    mov 8(%rax), %rsi
    mov 16(%rax), %rdx
    mov 24(%rax), %r10
    mov 32(%rax), %r8
    mov 40(%rax), %r9
    mov 48(%rax), %rbx
    mov 56(%rax), %rbp
    mov 64(%rax), %r12
    mov 72(%rax), %r13
    mov 80(%rax), %r14
    mov 88(%rax), %r15
    mov 0(%rax), %rdi
    movl $SYS_LRPC, %eax
    syscall
    mov %rsp, seen_rsp(%rip)
    mov saved_rsp(%rip), %rsp
    mov (%rsp), %rcx
    mov %rax, 96(%rcx)
    mov %rbx, 48(%rcx)
    mov %rbp, 56(%rcx)
    mov %r12, 64(%rcx)
    mov %r13, 72(%rcx)
    mov %r14, 80(%rcx)
    mov %r15, 88(%rcx)
    mov seen_rsp(%rip), %rax
    sub %rsp, %rax
    mov %rax, 104(%rcx)
    pop %rdi
    pop %r15
    pop %r14
    pop %r13
    pop %r12
    pop %rbp
    pop %rbx
    ret
END_FUNCTION(case_send)

/* The receiver's message entry: everything into case_received, then what the mode says. */
FUNCTION(case_entry_lrpc)
    mov %rax, case_frame_seen(%rip)
    lea case_received(%rip), %rax
    mov %rdi, 0(%rax)
    mov %rsi, 8(%rax)
    mov %rdx, 16(%rax)
    mov %r10, 24(%rax)
    mov %r8, 32(%rax)
    mov %r9, 40(%rax)
    mov %rbx, 48(%rax)
    mov %rbp, 56(%rax)
    mov %r12, 64(%rax)
    mov %r13, 72(%rax)
    mov %r14, 80(%rax)
    mov %r15, 88(%rax)
    mov %rsp, 104(%rax)
    mov case_frame(%rip), %rcx
    movl DISPATCHER_FRAME_DISABLED(%rcx), %ecx
    mov %rcx, 96(%rax)
    incl case_messages(%rip)
    jmp case_mode_follow
END_FUNCTION(case_entry_lrpc)

FUNCTION(case_entry_run)
    mov case_frame(%rip), %rax
    movq $0, DISPATCHER_FRAME_NOTIFY(%rax)
    /* fall through */
END_FUNCTION(case_entry_run)

case_mode_follow:
    lea receiver_stack_top(%rip), %rsp
    cmpl $0, case_use_fpu(%rip)
    je 1f
    fninit
1:  movl case_mode(%rip), %eax
    cmpl $MODE_DEADLINE, %eax
    je 2f
    cmpl $MODE_YIELD_DISABLED, %eax
    je 3f
    cmpl $MODE_YIELD_ENABLED, %eax
    je 4f
    xorl %edi, %edi
    movl $SYS_BLOCK, %eax
    syscall
    ud2
2:  movq $-1, %rdi
    shrq $2, %rdi
    movl $SYS_BLOCK, %eax
    syscall
    ud2
3:  xorl %edi, %edi
    movl $SYS_YIELD, %eax
    syscall
    jmp case_mode_follow
4:  mov case_frame(%rip), %rax
    movl $0, DISPATCHER_FRAME_DISABLED(%rax)
    xorl %edi, %edi
    movl $SYS_YIELD, %eax
    syscall
    ud2

/* A fault in the receiver: counted, then as the mode says. */
FUNCTION(case_entry_fault)
    incl case_faults(%rip)
    jmp case_mode_follow
END_FUNCTION(case_entry_fault)

    .bss
    .balign 16
    .skip 4096
receiver_stack_top:
saved_rsp:
    .skip 8
seen_rsp:
    .skip 8

    .section .note.GNU-stack, "", @progbits
