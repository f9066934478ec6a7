/* Both ends of a message, and the way back from a page fault. kernel/ipc/LRPC.md has the registers. */
#include <abi/abi_asm.h>

#include "lib/assembly.h"

#define STACK 1024
#define YIELDS_MAX 1000

#define MARK_END nopl 0x4d4b5002(%rax) /* as in skerry/mark.h */

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

    .bss
    .balign 16
    .skip STACK
answer_stack_top:
    .skip STACK
fault_stack_top:
caller_rsp:
    .skip 8
    .globl raw_stamp_place
raw_stamp_place:
    .skip 8
    .globl raw_answer_to
raw_answer_to:
    .skip 4

    .text

/* err_t raw_call4(capaddr_t endpoint, struct raw_words *words), and the same for ten words. */
FUNCTION(raw_call4)
    CALLEE_SAVED_PUSH
    push %rsi
    mov %rsp, caller_rsp(%rip)
    mov 0(%rsi), %rdx
    mov 8(%rsi), %r10
    mov 16(%rsi), %r8
    mov 24(%rsi), %r9
    xorl %esi, %esi
    movl $SYS_LRPC, %eax
    syscall
    jmp await_answer
END_FUNCTION(raw_call4)

FUNCTION(raw_call10)
    CALLEE_SAVED_PUSH
    push %rsi
    mov %rsp, caller_rsp(%rip)
    mov 0(%rsi), %rdx
    mov 8(%rsi), %r10
    mov 16(%rsi), %r8
    mov 24(%rsi), %r9
    mov 32(%rsi), %rbx
    mov 40(%rsi), %rbp
    mov 48(%rsi), %r12
    mov 56(%rsi), %r13
    mov 64(%rsi), %r14
    mov 72(%rsi), %r15
    xorl %esi, %esi
    movl $SYS_LRPC, %eax
    syscall
    jmp await_answer
END_FUNCTION(raw_call10)

/* Sent, and resumed before the answer came, or refused: the answer's entry takes the place of all this. */
FUNCTION(await_answer)
    test %eax, %eax
    jnz 2f
    movl $YIELDS_MAX, %ebx
1:  movl $SYS_YIELD, %eax
    xorl %edi, %edi
    syscall
    decl %ebx
    jnz 1b
    movl $ERR_TIMEOUT, %eax
2:  mov caller_rsp(%rip), %rsp
    pop %rsi
    CALLEE_SAVED_POP
    ret
END_FUNCTION(await_answer)

/* Upcalls: the answer. State on entry: disabled, %rax = frame, message in its registers, no stack. */
FUNCTION(raw_entry_reply4)
    mov caller_rsp(%rip), %rsp
    pop %rsi
    mov %rdx, 0(%rsi)
    mov %r10, 8(%rsi)
    mov %r8, 16(%rsi)
    mov %r9, 24(%rsi)
    CALLEE_SAVED_POP
    movl $0, DISPATCHER_FRAME_DISABLED(%rax)
    xorl %eax, %eax
    ret
END_FUNCTION(raw_entry_reply4)

FUNCTION(raw_entry_reply10)
    mov caller_rsp(%rip), %rsp
    pop %rsi
    mov %rdx, 0(%rsi)
    mov %r10, 8(%rsi)
    mov %r8, 16(%rsi)
    mov %r9, 24(%rsi)
    mov %rbx, 32(%rsi)
    mov %rbp, 40(%rsi)
    mov %r12, 48(%rsi)
    mov %r13, 56(%rsi)
    mov %r14, 64(%rsi)
    mov %r15, 72(%rsi)
    CALLEE_SAVED_POP
    movl $0, DISPATCHER_FRAME_DISABLED(%rax)
    xorl %eax, %eax
    ret
END_FUNCTION(raw_entry_reply10)

/* Upcall of the peer: a message. Its first instruction takes the time, which word 0 of the answer carries. */
FUNCTION(raw_entry_stamp)
    rdtsc
    MARK_END
    shlq $32, %rdx
    orq %rax, %rdx
    movl $USER_FRAME_VADDR, %eax
    jmp raw_entry_answer
END_FUNCTION(raw_entry_stamp)

/* Upcall of the peer: a message, sent back as it came. After a successful send only the next message comes back here; a
   refused answer is dropped, and the fibre that waits for the end of the role goes on. */
FUNCTION(raw_entry_answer)
    lea answer_stack_top(%rip), %rsp
    movl $0, DISPATCHER_FRAME_DISABLED(%rax)
    movl raw_answer_to(%rip), %edi
    xorl %esi, %esi
    movl $SYS_LRPC, %eax
    syscall
    movl $USER_FRAME_VADDR, %eax
    movl $1, DISPATCHER_FRAME_DISABLED(%rax)
    jmp dispatcher_entry_run
END_FUNCTION(raw_entry_answer)

/* Upcall of the peer: it runs. Its first instruction takes the time. State on entry: disabled, %rax = frame. */
FUNCTION(raw_entry_run_stamp)
    rdtsc
    MARK_END
    shlq $32, %rdx
    orq %rax, %rdx
    mov raw_stamp_place(%rip), %rcx
    mov %rdx, (%rcx)
    movl $USER_FRAME_VADDR, %eax
    jmp dispatcher_entry_run
END_FUNCTION(raw_entry_run_stamp)

/* void raw_touch(const volatile void *at) */
FUNCTION(raw_touch)
    movb (%rdi), %al
    .globl raw_touch_end
raw_touch_end:
    ret
END_FUNCTION(raw_touch)

/* Upcall: a page fault while enabled. State on entry: disabled, %rax = frame, context in the trap area. The context goes
   on as the handler has left it. What is loaded last, %rax and %rip, is out of an interrupt's reach: only another fault
   would write to the trap area. The ret steps over the red zone, as libskerry's dispatcher_resume does. */
#define RED_ZONE 128
#define TRAP(register) DISPATCHER_FRAME_TRAP + REGISTERS_##register(%rax)
FUNCTION(raw_entry_page_fault)
    lea fault_stack_top(%rip), %rsp
    xorl %ebp, %ebp
    cld
    mov %rax, %rdi
    call fault_handle
    movl $USER_FRAME_VADDR, %eax
    mov TRAP(RSP), %rcx
    mov TRAP(RIP), %rdx
    mov %rdx, -RED_ZONE - 8(%rcx)
    push TRAP(RFLAGS)
    popfq
    mov TRAP(RBX), %rbx
    mov TRAP(RCX), %rcx
    mov TRAP(RDX), %rdx
    mov TRAP(RSI), %rsi
    mov TRAP(RDI), %rdi
    mov TRAP(RBP), %rbp
    mov TRAP(R8), %r8
    mov TRAP(R9), %r9
    mov TRAP(R10), %r10
    mov TRAP(R11), %r11
    mov TRAP(R12), %r12
    mov TRAP(R13), %r13
    mov TRAP(R14), %r14
    mov TRAP(R15), %r15
    mov TRAP(RSP), %rsp
    lea -RED_ZONE - 8(%rsp), %rsp
    movl $0, DISPATCHER_FRAME_DISABLED(%rax)
    mov TRAP(RAX), %rax
    ret $RED_ZONE
END_FUNCTION(raw_entry_page_fault)

    .section .note.GNU-stack, "", @progbits
