/*
 * The loader's first instructions: from PVH's 32-bit protected mode to long mode and C, and from C into core 0.
 */
#include <abi/abi_asm.h>

#include "boot/assembly.h"

#define STACK_SIZE 0x8000
#define NOTE_PVH_ENTRY 18
#define PAGE_TABLE 3            /* present, writable */
#define PAGE_LARGE 0x83         /* present, writable, 2 MiB */
#define LOW_GIBIBYTES 4
#define COM1_LINE_STATUS (PORT_COM1 + 5)
#define ERROR_CODE_VECTORS 0x60227d00 /* 8, 10 to 14, 17, 21, 29, 30 */

/* QEMU looks for this to find the entry point. [Xen: ELFNOTE PHYS32_ENTRY] */
.section .note.pvh, "a", @note
    .long 4, 4, NOTE_PVH_ENTRY
    .asciz "Xen"
    .long loader_start

.text
.code32

/*
 * 32-bit protected mode, flat segments, paging off, interrupts off, no stack.
 * in: %ebx = physical address of the start info
 */
FUNCTION(loader_start)
    cli
    cld
    movl $loader_bss, %edi
    movl $loader_bss_end, %ecx
    subl %edi, %ecx
    xorl %eax, %eax
    rep stosb
    movl $loader_stack_top, %esp
    pushl %ebx
    call check_cpu
    call make_tables
    popl %ebx

    movl $CR4_PAE, %eax
    movl %eax, %cr4
    movl $table_4, %eax
    movl %eax, %cr3
    movl $MSR_EFER, %ecx
    movl $(EFER_LME | EFER_NXE), %eax
    xorl %edx, %edx
    wrmsr
    movl $CR0_ENTRY, %eax
    movl %eax, %cr0
    lgdtl gdt_pointer
    ljmpl $SELECTOR_CODE64, $loader_long_mode
END_FUNCTION(loader_start)

/*
 * Maps the first 4 GiB at their own addresses. The tables are in .bss, zeroed.
 * clobbers: %eax, %ecx, %edi
 */
FUNCTION(make_tables)
    movl $(table_3 + PAGE_TABLE), table_4
    movl $(table_2 + PAGE_TABLE), %eax
    movl $table_3, %edi
    movl $LOW_GIBIBYTES, %ecx
1:  movl %eax, (%edi)
    addl $PAGE_SIZE, %eax
    addl $8, %edi
    loop 1b

    movl $PAGE_LARGE, %eax
    movl $table_2, %edi
    movl $(LOW_GIBIBYTES * 512), %ecx
2:  movl %eax, (%edi)
    addl $CHUNK_SIZE, %eax
    addl $8, %edi
    loop 2b
    ret
END_FUNCTION(make_tables)

/*
 * Ends the run with a line when the processor lacks a feature of `features`; C is compiled for one that has them.
 * clobbers: all but %esp
 */
FUNCTION(check_cpu)
    movl $features, %esi
1:  movl $0x80000000, %eax
    cpuid
    cmpl $0x80000001, %eax
    jb 2f                               /* no extended leaves: the last row, long mode, is missing */
    movl 0(%esi), %eax
    cpuid
    testl %edx, 4(%esi)
    jz 3f
    addl $12, %esi
    cmpl $features_end, %esi
    jb 1b
    ret
2:  movl $(features_end - 12), %esi
3:  movl $fail_before, %edi
    call print
    movl 8(%esi), %edi
    call print
    movl $fail_after, %edi
    call print
    movb $GUEST_EXIT_BAD_CPU, %al
    movw $PORT_EXIT, %dx
    outb %al, %dx
4:  cli
    hlt
    jmp 4b
END_FUNCTION(check_cpu)

/*
 * Prints a string to core 0's debug port (without \r) and COM1.
 * in: %edi = string; clobbers: %eax, %edx, %edi
 */
FUNCTION(print)
1:  movb (%edi), %al
    testb %al, %al
    jz 3f
    movb %al, %ah
    cmpb $'\r', %al
    je 2f
    movw $PORT_LOG_BASE, %dx
    outb %al, %dx
2:  movw $COM1_LINE_STATUS, %dx
    pause
    inb %dx, %al
    testb $0x20, %al
    jz 2b
    movb %ah, %al
    movw $PORT_COM1, %dx
    outb %al, %dx
    incl %edi
    jmp 1b
3:  ret
END_FUNCTION(print)

.code64

/*
 * Long mode, all below 4 GiB identity mapped.
 * in: %ebx = physical address of the start info
 */
FUNCTION(loader_long_mode)
    xorl %eax, %eax
    movl %eax, %ds
    movl %eax, %es
    movl %eax, %fs
    movl %eax, %gs
    movl %eax, %ss
    movl $loader_stack_top, %esp
    xorl %ebp, %ebp
    movl %ebx, %edi
    call loader_main
    ud2
END_FUNCTION(loader_long_mode)

/*
 * Into core 0, in the entry state. The entry tables map this code where it is (low 2 MiB) and not the stack's writes.
 * in: %rdi = entry tables, %rsi = first instruction, %rdx = boot data
 */
FUNCTION(loader_enter)
    movq %rdi, %cr3
    movq %rdx, %rdi
    jmpq *%rsi
END_FUNCTION(loader_enter)

/*
 * One stub of 16 bytes a vector: pushes 0 where the CPU pushes no error code, and the vector. [SDM3 6.15]
 * Together with what the CPU pushed that is struct exception.
 */
.balign 16
.globl exception_stubs
.type exception_stubs, @function
exception_stubs:
.set vector, 0
.rept 32
    .balign 16
    .if (ERROR_CODE_VECTORS >> vector) & 1
    .else
    pushq $0
    .endif
    pushq $vector
    jmp exception_common
    .set vector, vector + 1
.endr
    .balign 16
.size exception_stubs, . - exception_stubs

FUNCTION(exception_common)
    movq %rsp, %rdi
    andq $-16, %rsp
    xorl %ebp, %ebp
    call exception_report
    ud2
END_FUNCTION(exception_common)

.section .rodata
.balign 8
gdt:
    .quad 0
    .quad DESCRIPTOR_CODE64
gdt_pointer:
    .word . - gdt - 1
    .long gdt

/* CPUID leaf, bit of %edx, name. */
.balign 4
features:
    .long 0x00000001, 1 << 9, name_apic
    .long 0x00000001, 1 << 26, name_sse2
    .long 0x80000001, 1 << 20, name_nx
    .long 0x80000001, 1 << 29, name_long_mode
features_end:
name_apic: .asciz "a local APIC"
name_sse2: .asciz "SSE2"
name_nx: .asciz "no-execute pages"
name_long_mode: .asciz "long mode"
fail_before: .asciz "loader: processor: it lacks "
fail_after: .asciz "; use another model (QEMU: -cpu max,la57=off)\r\n"

.bss
.balign 4096
table_4: .skip 4096
table_3: .skip 4096
table_2: .skip LOW_GIBIBYTES * 4096
.balign 16
    .skip STACK_SIZE
loader_stack_top:

.section .note.GNU-stack, "", @progbits
