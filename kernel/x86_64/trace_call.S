/*
 * The call of the trace's writer from the middle of hot paths.
 */
#include "x86_64/assembly.h"

.text

/*
 * Ring 0, any stack, interrupts off.
 * in: as trace_write(); all registers are kept but the flags
 */
FUNCTION(trace_keeping)
    pushq %rax
    pushq %rcx
    pushq %rdx
    pushq %rsi
    pushq %rdi
    pushq %r8
    pushq %r9
    pushq %r10
    pushq %r11
    call trace_write
    popq %r11
    popq %r10
    popq %r9
    popq %r8
    popq %rdi
    popq %rsi
    popq %rdx
    popq %rcx
    popq %rax
    ret
END_FUNCTION(trace_keeping)

.section .note.GNU-stack, "", @progbits
