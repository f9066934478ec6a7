/* Instructions that ring 3 may not execute, each a function of its own, and the table of them. */

.macro ATTACK name:req, code:req
    .text
    .balign 16
    .type attack_\name, @function
attack_\name:
    xorl %eax, %eax
    xorl %ecx, %ecx
    xorl %edx, %edx
    \code
    ret
    .size attack_\name, . - attack_\name
    .section .rodata.names, "a"
name_\name:
    .asciz "\name"
    .section .rodata.attacks, "a"
    .quad attack_\name, name_\name
.endm

    .section .rodata.attacks, "a"
    .balign 8
    .globl attacks, attacks_end
attacks:

ATTACK cli, "cli"
ATTACK sti, "sti"
ATTACK hlt, "hlt"
ATTACK read_cr0, "mov %cr0, %rax"
ATTACK write_cr0, "mov %rax, %cr0"
ATTACK read_cr2, "mov %cr2, %rax"
ATTACK read_cr3, "mov %cr3, %rax"
ATTACK write_cr3, "mov %rax, %cr3"
ATTACK write_cr4, "mov %rax, %cr4"
ATTACK write_cr8, "mov %rax, %cr8"
ATTACK read_dr7, "mov %dr7, %rax"
ATTACK write_dr0, "mov %rax, %dr0"
ATTACK write_dr7, "mov %rax, %dr7"
ATTACK rdmsr_efer, "movl $0xc0000080, %ecx; rdmsr"
ATTACK wrmsr_efer, "movl $0xc0000080, %ecx; wrmsr"
ATTACK wrmsr_lstar, "movl $0xc0000082, %ecx; wrmsr"
ATTACK wrmsr_apic, "movl $0x1b, %ecx; wrmsr"
ATTACK rdpmc, "rdpmc"
ATTACK lgdt, "lgdt -16(%rsp)"
ATTACK lidt, "lidt -16(%rsp)"
ATTACK lldt, "lldt %ax"
ATTACK ltr, "movl $0x28, %eax; ltr %ax"
ATTACK lmsw, "lmsw %ax"
ATTACK clts, "clts"
ATTACK invlpg, "invlpg -8(%rsp)"
ATTACK invd, "invd"
ATTACK wbinvd, "wbinvd"
ATTACK swapgs, "swapgs"
ATTACK sysret, "sysretq"
ATTACK sysexit, "sysexitl"
ATTACK sysenter, "sysenter"
ATTACK xsetbv, "xsetbv"
ATTACK vmcall, "vmcall"
ATTACK vmrun, "vmrun"
ATTACK monitor, "mov %rsp, %rax; monitor"
ATTACK mwait, "mwait"
ATTACK rsm, "rsm"
ATTACK int_2, "int $2"
ATTACK int_8, "int $8"
ATTACK int_14, "int $14"
ATTACK int_32, "int $32"
ATTACK int_48, "int $48"
ATTACK int_128, "int $128"
ATTACK int_255, "int $255"
ATTACK breakpoint, ".byte 0xcd, 3"
ATTACK load_ds_kernel_code, "movl $0x08, %eax; movl %eax, %ds"
ATTACK load_ds_kernel_data, "movl $0x10, %eax; movl %eax, %ds"
ATTACK load_ss_kernel_data, "movl $0x10, %eax; movl %eax, %ss"
ATTACK load_fs_task, "movl $0x2b, %eax; movl %eax, %fs"
ATTACK load_gs_beyond, "movl $0x3b, %eax; movl %eax, %gs"
ATTACK load_ds_local, "movl $0x07, %eax; movl %eax, %ds"
ATTACK load_ss_null, "movl %eax, %ss"
ATTACK far_return_kernel, "pushq $0x08; leaq 1f(%rip), %rax; pushq %rax; lretq; 1:"
ATTACK far_return_data, "pushq $0x1b; leaq 1f(%rip), %rax; pushq %rax; lretq; 1:"
ATTACK far_return_local, "pushq $0x07; leaq 1f(%rip), %rax; pushq %rax; lretq; 1:"
ATTACK ud2, "ud2"

    .section .rodata.attacks, "a"
attacks_end:

    .text
/* uint64_t attack_flags(uint64_t flags): set them, make system calls, let time pass; the flags as they are then. */
    .globl attack_flags
    .balign 16
    .type attack_flags, @function
attack_flags:
    push %rbx
    pushfq
    mov (%rsp), %rbx
    or %rdi, (%rsp)
    popfq
    movl $0, %eax /* SYS_NULL */
    syscall
    movl $2, %eax /* SYS_YIELD */
    movl $0, %edi
    syscall
    movl $1, %eax /* SYS_INVOKE, of what there is not */
    movl $0x7fffffff, %edi
    movl $3, %esi
    syscall
    movl $99, %eax
    syscall
    movl $20000000, %ecx
1:  decl %ecx
    jnz 1b
    pushfq
    pop %rax
    push %rbx
    popfq
    pop %rbx
    ret
    .size attack_flags, . - attack_flags

/* The same with a stack pointer: void attack_stack_KIND(uint64_t rsp). None returns: each ends by a fault. */
.macro STACK name:req, code:req
    .globl stack_\name
    .balign 16
    .type stack_\name, @function
stack_\name:
    mov %rdi, %rsp
    \code
    ud2
    .size stack_\name, . - stack_\name
.endm

STACK fault, "ud2"
STACK null, "xorl %eax, %eax; syscall"
STACK yield, "movl $2, %eax; xorl %edi, %edi; syscall"
STACK invoke, "movl $1, %eax; movl $0x7fffffff, %edi; syscall"
STACK lrpc, "movl $4, %eax; xorl %edi, %edi; xorl %esi, %esi; syscall"
STACK push, "push %rax"
STACK interrupt, "movl $20000000, %ecx; 1: decl %ecx; jnz 1b"
STACK breakpoint, "int $3"

/* uint64_t random_syscall(uint64_t number, uint64_t random): with registers made of `random`. The answer, and bit 32 set
   if the callee-saved registers were kept. The first argument is `random` byte by byte backwards. */
    .globl random_syscall
    .balign 16
    .type random_syscall, @function
random_syscall:
    push %rbx
    push %rbp
    push %r12
    push %r13
    push %r14
    push %r15
    mov %rdi, %rax
    mov %rsi, %rbx
    lea 1(%rsi), %rbp
    lea 2(%rsi), %r12
    lea 3(%rsi), %r13
    lea 4(%rsi), %r14
    lea 5(%rsi), %r15
    mov %rsi, %rdi
    bswap %rdi
    mov %rsi, %rdx
    ror $13, %rdx
    mov %rsi, %r8
    ror $29, %r8
    mov %rsi, %r9
    not %r9
    mov %rsi, %r10
    neg %r10
    push %rsi
    syscall
    pop %rsi
    xorl %ecx, %ecx
    cmp %rbx, %rsi
    jne 1f
    inc %rsi
    cmp %rbp, %rsi
    jne 1f
    inc %rsi
    cmp %r12, %rsi
    jne 1f
    inc %rsi
    cmp %r13, %rsi
    jne 1f
    inc %rsi
    cmp %r14, %rsi
    jne 1f
    inc %rsi
    cmp %r15, %rsi
    jne 1f
    incl %ecx
1:  mov %rcx, %rdx
    pop %r15
    pop %r14
    pop %r13
    pop %r12
    pop %rbp
    pop %rbx
    shl $32, %rdx
    movl %eax, %eax
    or %rdx, %rax
    ret
    .size random_syscall, . - random_syscall

    .section .note.GNU-stack, "", @progbits
