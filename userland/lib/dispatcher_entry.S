/* Upcall entries, blocking, the LRPC system call and the switch between contexts. */
#include <abi/abi_asm.h>

#include "assembly.h"

#define CALLEE_SAVED_PUSH \
    push %rbx;            \
    push %rbp;            \
    push %r12;            \
    push %r13;            \
    push %r14;            \
    push %r15
#define CALLEE_SAVED_POP \
    pop %r15;            \
    pop %r14;            \
    pop %r13;            \
    pop %r12;            \
    pop %rbp;            \
    pop %rbx

/* A function of C on the upcall stack; the frame is in %rax before, in %rdi afterwards. */
.macro CALL_UPCALL function
    lea dispatcher_upcall_stack_top(%rip), %rsp
    push %rax
    push %rax
    xorl %ebp, %ebp
    cld
    call \function
    pop %rdi
.endm

#define UPCALL_STACK 16384

    .bss
    .balign 16
    .skip UPCALL_STACK
    .globl dispatcher_upcall_stack_top
dispatcher_upcall_stack_top:

/* The context that gave up the core: where its callee-saved registers lie. */
    .balign 8
dispatcher_blocked_rsp:
    .skip 8
dispatcher_blocked:
    .skip 4

    .text

/* Upcall: runs now. State on entry: disabled, %rax = frame, %rsp undefined.
   Goes on where the enabled context was interrupted, or where it blocked. A thread that is not pinned may have to give way:
   then it goes on with its side (side.c). */
FUNCTION(dispatcher_entry_run)
    cmpl $0, dispatcher_blocked(%rip)
    jne 2f
    mov fibre_current(%rip), %rcx
    cmpl $0, (%rcx) /* pins */
    je 1f
    movl $1, fibre_give_way_wanted(%rip)
    mov %rax, %rdi
    jmp dispatcher_resume
1:  CALL_UPCALL side_preempt
    jmp dispatcher_resume
2:  movl $0, dispatcher_blocked(%rip)
    mov dispatcher_blocked_rsp(%rip), %rsp
    CALLEE_SAVED_POP
    movl $0, DISPATCHER_FRAME_DISABLED(%rax)
    ret
END_FUNCTION(dispatcher_entry_run)

/* Upcall: a message. State on entry: disabled, %rax = frame, %rdi = badge, %rsi = 1 if a capability came,
   %rdx %r10 %r8 %r9 %rbx %rbp %r12-%r15 = words. Builds a struct lrpc_message on the upcall stack. */
FUNCTION(dispatcher_entry_lrpc)
    lea dispatcher_upcall_stack_top(%rip), %rsp
    push %r15
    push %r14
    push %r13
    push %r12
    push %rbp
    push %rbx
    push %r9
    push %r8
    push %r10
    push %rdx
    push %rsi
    push %rdi
    mov %rax, %rbx
    mov %rsp, %rdi
    xorl %ebp, %ebp
    cld
    call dispatcher_message_arrived
    mov %rbx, %rax
    jmp dispatcher_entry_run
END_FUNCTION(dispatcher_entry_lrpc)

/* Upcalls: faults. What is mended goes on where it was; else its side goes on in its stead. */
FUNCTION(dispatcher_entry_page_fault)
    CALL_UPCALL side_page_fault
    jmp fault_resume
END_FUNCTION(dispatcher_entry_page_fault)

FUNCTION(dispatcher_entry_trap)
    CALL_UPCALL side_trap
    jmp fault_resume
END_FUNCTION(dispatcher_entry_trap)

FUNCTION(dispatcher_entry_fault_disabled)
    CALL_UPCALL side_fault_disabled
    ud2
END_FUNCTION(dispatcher_entry_fault_disabled)

/* Into the context in the enabled or in the trap area. State on entry: disabled, %rdi = frame.
   Nothing is written to the stack of the context, which may be at its end, or not be there yet. Between clearing
   `disabled` and the end of the jump the context is neither here nor there: the CPU driver treats code in
   [dispatcher_critical_low, dispatcher_critical_high) as disabled. Not iretq: QEMU up to 8 pops its words as if for ring 0,
   which SMAP forbids. */
.macro RESUME area
    lea dispatcher_upcall_stack_top(%rip), %rsp
    push \area + REGISTERS_RFLAGS(%rdi)
    popfq
    mov \area + REGISTERS_RAX(%rdi), %rax
    mov \area + REGISTERS_RBX(%rdi), %rbx
    mov \area + REGISTERS_RCX(%rdi), %rcx
    mov \area + REGISTERS_RDX(%rdi), %rdx
    mov \area + REGISTERS_RSI(%rdi), %rsi
    mov \area + REGISTERS_RBP(%rdi), %rbp
    mov \area + REGISTERS_R8(%rdi), %r8
    mov \area + REGISTERS_R9(%rdi), %r9
    mov \area + REGISTERS_R10(%rdi), %r10
    mov \area + REGISTERS_R11(%rdi), %r11
    mov \area + REGISTERS_R12(%rdi), %r12
    mov \area + REGISTERS_R13(%rdi), %r13
    mov \area + REGISTERS_R14(%rdi), %r14
    mov \area + REGISTERS_R15(%rdi), %r15
    mov \area + REGISTERS_RSP(%rdi), %rsp
    movl $0, DISPATCHER_FRAME_DISABLED(%rdi)
    mov \area + REGISTERS_RDI(%rdi), %rdi
    jmp *USER_FRAME_VADDR + \area + REGISTERS_RIP
.endm

dispatcher_critical_low:
    .globl dispatcher_critical_low
/* in: %rdi = frame */
FUNCTION(dispatcher_resume)
    RESUME DISPATCHER_FRAME_ENABLED
END_FUNCTION(dispatcher_resume)
/* in: %rdi = frame, %eax = enum resume */
FUNCTION(fault_resume)
    test %eax, %eax
    jne dispatcher_resume
    RESUME DISPATCHER_FRAME_TRAP
END_FUNCTION(fault_resume)
dispatcher_critical_high:
    .globl dispatcher_critical_high

/* void dispatcher_block(uint64_t deadline): called disabled; returns enabled, after the next upcall. */
FUNCTION(dispatcher_block)
    CALLEE_SAVED_PUSH
    mov %rsp, dispatcher_blocked_rsp(%rip)
    movl $1, dispatcher_blocked(%rip)
    movl $SYS_BLOCK, %eax
    syscall
    ud2
END_FUNCTION(dispatcher_block)

/* err_t dispatcher_send(capaddr_t endpoint, capaddr_t cap, const uint64_t word[10]) */
FUNCTION(dispatcher_send)
    CALLEE_SAVED_PUSH
    movl %edi, %edi
    movl %esi, %esi
    mov %rdx, %rax
    mov 0(%rax), %rdx
    mov 8(%rax), %r10
    mov 16(%rax), %r8
    mov 24(%rax), %r9
    mov 32(%rax), %rbx
    mov 40(%rax), %rbp
    mov 48(%rax), %r12
    mov 56(%rax), %r13
    mov 64(%rax), %r14
    mov 72(%rax), %r15
    movl $SYS_LRPC, %eax
    syscall
    CALLEE_SAVED_POP
    ret
END_FUNCTION(dispatcher_send)

/* void fibre_switch(void **save_rsp, void *load_rsp): a function call seen by the fibre that leaves, a return by the
   one that comes. */
FUNCTION(fibre_switch)
    CALLEE_SAVED_PUSH
    mov %rsp, (%rdi)
    mov %rsi, %rsp
    CALLEE_SAVED_POP
    ret
END_FUNCTION(fibre_switch)

/* A new fibre's first return leads here, with the stack 16-byte aligned. */
FUNCTION(fibre_enter)
    xorl %ebp, %ebp
    call fibre_main
    ud2
END_FUNCTION(fibre_enter)

    .section .note.GNU-stack, "", @progbits
