/* The way back from a fault, and code for dispatchers that have no library. */
#include <abi/abi_asm.h>

#define FUNCTION(name) .globl name; .type name, @function; .balign 16; name:
#define END_FUNCTION(name) .size name, . - name

    .text

/* bool attempt_enter(act_t act, uint64_t argument): true if it faulted. */
FUNCTION(attempt_enter)
    push %rbx
    push %rbp
    push %r12
    push %r13
    push %r14
    push %r15
    sub $8, %rsp
    mov %rsp, attempt_rsp(%rip)
    mov %rdi, %rax
    mov %rsi, %rdi
    call *%rax
    mov attempt_rsp(%rip), %rsp
    push $2
    popfq
    xorl %eax, %eax
attempt_out:
    add $8, %rsp
    pop %r15
    pop %r14
    pop %r13
    pop %r12
    pop %rbp
    pop %rbx
    ret
END_FUNCTION(attempt_enter)

/* Every fault upcall while an attempt is made. State on entry: disabled, %rax = frame, no other register. */
FUNCTION(attempt_entry)
    mov attempt_rsp(%rip), %rsp
    movl $0, DISPATCHER_FRAME_DISABLED(%rax)
    movl $1, %eax
    jmp attempt_out
END_FUNCTION(attempt_entry)

/* A fault upcall that enables itself and faults again, storm_left times. */
FUNCTION(storm_entry)
    decq storm_left(%rip)
    jz attempt_entry
    movl $0, DISPATCHER_FRAME_DISABLED(%rax)
    movl $0, 0
    ud2
END_FUNCTION(storm_entry)

/* void storm_begin(uint64_t): the first fault. */
FUNCTION(storm_begin)
    movl $0, 0
    ret
END_FUNCTION(storm_begin)

/* A dispatcher that does nothing, for ever. */
FUNCTION(victim_spin)
    pause
    jmp victim_spin
END_FUNCTION(victim_spin)

/* A dispatcher that blocks whenever it runs. */
FUNCTION(victim_block)
    mov victim_frame(%rip), %rax
    movq $0, DISPATCHER_FRAME_NOTIFY(%rax)
    xorl %edi, %edi
    movl $SYS_BLOCK, %eax
    syscall
    ud2
END_FUNCTION(victim_block)

/* A dispatcher that writes random words to random places of its own frame, makes random system calls, and goes on whatever
   happens: all its entries lead here. State on entry: nothing at all. */
FUNCTION(victim_scribble)
    mov victim_frame(%rip), %rbx
    rdtsc
    shl $32, %rdx
    or %rdx, %rax
    xor victim_seed(%rip), %rax
1:  mov $64, %ecx
2:  mov %rax, %rdx
    shl $13, %rdx
    xor %rdx, %rax
    mov %rax, %rdx
    shr $7, %rdx
    xor %rdx, %rax
    mov %rax, %rdx
    shl $17, %rdx
    xor %rdx, %rax
    mov %rax, victim_seed(%rip)
    mov %rax, %rdx
    andl $0x3f8, %edx
    mov %rax, (%rbx, %rdx)
    loop 2b
    /* The entries stay good more often than not, or it would be over soon. */
    lea victim_scribble(%rip), %rdx
    test $0x30000, %eax
    jz 3f
    mov %rdx, DISPATCHER_FRAME_ENTRY_RUN(%rbx)
    mov %rdx, DISPATCHER_FRAME_ENTRY_TRAP(%rbx)
    mov %rdx, DISPATCHER_FRAME_ENTRY_PAGE_FAULT(%rbx)
    mov %rdx, DISPATCHER_FRAME_ENTRY_FAULT_DISABLED(%rbx)
    movl $0, DISPATCHER_FRAME_DISABLED(%rbx)
3:  mov %rax, %rsp
    mov %rax, %rdi
    mov %rax, %rbp
    shr $20, %rax
    andl $7, %eax
    cmpl $SYS_COUNT, %eax
    jae 4f
    andl $0x3f, %edi
    cmpl $SYS_BLOCK, %eax
    je 4f
    syscall
4:  mov victim_seed(%rip), %rax
    mov victim_frame(%rip), %rbx
    jmp 1b
END_FUNCTION(victim_scribble)

    .data
    .balign 8
    .globl storm_left, victim_frame, victim_seed
storm_left:
    .quad 0
victim_frame:
    .quad 0
victim_seed:
    .quad 0x9e3779b97f4a7c15

    .bss
    .balign 8
attempt_rsp:
    .skip 8

    .section .note.GNU-stack, "", @progbits
