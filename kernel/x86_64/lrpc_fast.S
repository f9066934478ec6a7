/*
 * The fast path of LRPC: the whole way from the syscall instruction to the receiver's first instruction without leaving the
 * registers. It takes the common case, and whatever it does not take it hands, unchanged, to the slow path:
 *
 *   no capability is sent; the sender is enabled and nobody waits for it;
 *   the endpoint is found in two steps, own, with WRITE;
 *   the receiver is the one last switched from (schedule_aside), or is blocked and nobody is aside; its deadline, if it has one,
 *   stays among the timers (schedule_timer);
 *   it is not in a disabled section, accepts, and has an entry;
 *   neither uses the FPU; the timer ends the slice in time; the CPU has FSGSBASE.
 *
 * kernel/ipc/lrpc.c is the complete rule; both must agree, and a test runs every case through both.
 */
#include <abi/abi_asm.h>

#include "x86_64/assembly.h"
#include "x86_64/descriptors.h"
#include "x86_64/offsets.h"

#define AREA(register) DISPATCHER_FRAME_ENABLED + REGISTERS_##register

.text

/*
 * Ring 0, interrupts off, the sender's stack in %rsp and in syscall_rsp.
 * in: %rdi = endpoint, %rsi = capability to send, %rcx = sender's %rip, %r11 = sender's %rflags; message registers
 * scratch: %rax %rcx %rsi %r11, and %rsp once nothing can fail but by our own fault
 */
FUNCTION(lrpc_fast)
    testq %rsi, %rsi
    jne entry_syscall_slow
    cmpb $0, lrpc_fast_allowed(%rip)
    je entry_syscall_slow
    movq %rcx, sender_rip(%rip)
    movq %r11, sender_rflags(%rip)

    /* The sender: enabled, and nobody was told BUSY because of it. */
    movq dispatcher_current(%rip), %rsi
    movq DCB_FRAME(%rsi), %rax
    cmpl $0, DISPATCHER_FRAME_DISABLED(%rax)
    jne lrpc_slow
    cmpq DISPATCHER_FRAME_CRITICAL_HIGH(%rax), %rcx
    jae 1f
    cmpq DISPATCHER_FRAME_CRITICAL_LOW(%rax), %rcx
    jae lrpc_slow
1:  cmpq $0, DCB_WAITERS(%rsi)
    jne lrpc_slow

    /* The endpoint: root slot %rdi / 64, then slot %rdi % 64 of that CNode. A slot is 64 bytes, so the first is %rdi
       without its low bits. */
    movq %rdi, %rcx
    andq $-64, %rcx
    cmpq DCB_CSPACE + CTE_SIZE(%rsi), %rcx
    jae lrpc_slow
    addq DCB_CSPACE + CTE_BASE(%rsi), %rcx
    movabsq $KERNEL_DIRECT_MAP, %r11
    movq CTE_HEAD(%rcx, %r11), %rax
    andq lrpc_cnode_mask(%rip), %rax
    cmpq lrpc_cnode_head(%rip), %rax
    jne lrpc_slow
    movq CTE_BASE(%rcx, %r11), %rcx
    movl %edi, %eax
    andl $63, %eax
    shll $CTE_SHIFT, %eax
    addq %r11, %rcx
    addq %rax, %rcx
    movq CTE_HEAD(%rcx), %rax
    andq lrpc_endpoint_mask(%rip), %rax
    cmpq lrpc_endpoint_head(%rip), %rax
    jne lrpc_slow

    /* The receiver. */
    movq CTE_BASE(%rcx), %rax
    addq %r11, %rax
    cmpq %rax, schedule_aside(%rip)
    je 2f
    cmpq $0, schedule_aside(%rip)
    jne lrpc_slow
    cmpl $DISPATCHER_STATE_BLOCKED, DCB_STATE(%rax)
    jne lrpc_slow
2:  cmpb $0, DCB_RESUME_DISABLED(%rax)
    jne lrpc_slow
    movb DCB_FPU_USED(%rax), %r11b
    orb DCB_FPU_USED(%rsi), %r11b
    jnz lrpc_slow
    movq schedule_armed(%rip), %r11
    decq %r11
    cmpq schedule_slice_end(%rip), %r11
    jae lrpc_slow /* 0 and what is past the slice: the sender, who is aside, might wait for ever */
    movq DCB_FRAME(%rax), %r11
    cmpl $0, DISPATCHER_FRAME_LRPC_ACCEPT(%r11)
    je lrpc_slow
    movq DISPATCHER_FRAME_ENTRY_LRPC(%r11), %rsp
    testq %rsp, %rsp
    jz lrpc_slow_rsp
    cmpq user_top(%rip), %rsp
    jae lrpc_slow_rsp

    /* Nothing fails from here on. Put the sender away. */
    movq CTE_EXTRA(%rcx), %rdi
    movl $DISPATCHER_STATE_RUNNABLE, DCB_STATE(%rsi)
    movb $0, DCB_FAULT_OPEN(%rsi)
    movq %rsi, schedule_aside(%rip)
    movq DCB_FRAME(%rsi), %rcx
    movq %rbx, AREA(RBX)(%rcx)
    movq %rbp, AREA(RBP)(%rcx)
    movq %r12, AREA(R12)(%rcx)
    movq %r13, AREA(R13)(%rcx)
    movq %r14, AREA(R14)(%rcx)
    movq %r15, AREA(R15)(%rcx)
    movq $0, AREA(RAX)(%rcx) /* ERR_OK */
    movq sender_rip(%rip), %rsi
    movq %rsi, AREA(RIP)(%rcx)
    movq sender_rflags(%rip), %rsi
    movq %rsi, AREA(RFLAGS)(%rcx)
    movq syscall_rsp(%rip), %rsi
    movq %rsi, AREA(RSP)(%rcx)
    rdfsbase %rsi
    movq %rsi, AREA(FS_BASE)(%rcx)
    rdgsbase %rsi
    movq %rsi, AREA(GS_BASE)(%rcx)

    /* Make the receiver current. */
    movl $DISPATCHER_STATE_RUNNING, DCB_STATE(%rax)
    movq %rax, dispatcher_current(%rip)
    movq %rax, dispatcher_fpu_owner(%rip)
    incq DCB_UPCALLS(%rax)
    incq schedule_counters(%rip)
    incq counters(%rip)
    movq DCB_VSPACE + CTE_BASE(%rax), %rsi
    cmpq %rsi, context_current_space(%rip)
    je 3f
    movq %rsi, context_current_space(%rip)
    movq %rsi, %cr3
3:  movq AREA(FS_BASE)(%r11), %rsi
    cmpq user_top(%rip), %rsi
    jb 4f
    xorl %esi, %esi
4:  wrfsbase %rsi
    movq AREA(GS_BASE)(%r11), %rsi
    cmpq user_top(%rip), %rsi
    jb 5f
    xorl %esi, %esi
5:  wrgsbase %rsi

    /* Upcall it. */
    movl $1, DISPATCHER_FRAME_DISABLED(%r11)
    movq DCB_FRAME_VADDR(%rax), %rax
    xorl %esi, %esi
    movq %rsp, %rcx
    movl $RFLAGS_FIXED | RFLAGS_IF, %r11d
    xorl %esp, %esp
    sysretq

    /* Not this case: as it was. No capability was sent. */
lrpc_slow_rsp:
    movq syscall_rsp(%rip), %rsp
lrpc_slow:
    movl $SYS_LRPC, %eax
    xorl %esi, %esi
    movq sender_rip(%rip), %rcx
    movq sender_rflags(%rip), %r11
    jmp entry_syscall_slow
END_FUNCTION(lrpc_fast)

.section .rodata
.balign 8
user_top:
    .quad USER_TOP

.bss
.balign 8
sender_rip:
    .quad 0
sender_rflags:
    .quad 0

.section .note.GNU-stack, "", @progbits
