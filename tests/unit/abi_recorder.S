/*
 * A pretended CPU driver for the user stubs' tests: called where a stub would execute `syscall`, it records the
 * registers and answers from a script. As the contract says, an invocation fills every result register, rcx and r11
 * are lost, and all else is kept.
 */
.hidden recorder, calls, seen, script
.globl recorder
recorder:
    incl calls(%rip)
    mov %rax, seen(%rip)
    mov %rdi, seen+8(%rip)
    mov %rsi, seen+16(%rip)
    mov %rdx, seen+24(%rip)
    mov %r10, seen+32(%rip)
    mov %r12, seen+40(%rip)
    cmp $1, %rax /* SYS_INVOKE */
    jne 1f
    mov $0xd0, %edx
    mov $0x80, %r8d
1:  lea script(%rip), %rcx
    movslq calls(%rip), %r11
    mov -8(%rcx,%r11,8), %rax
    mov $-1, %rcx
    mov $-1, %r11
    ret
.section .note.GNU-stack, "", @progbits
