/*
 * Segment selectors, the flags that entries use, and IST stack numbers; shared by C and assembly.
 */
#pragma once

/* SYSRET takes SS from base + 8 and CS from base + 16. [SDM2 SYSRET] */
#define SELECTOR_KERNEL_CODE 0x08
#define SELECTOR_KERNEL_DATA 0x10
#define SELECTOR_USER_DATA (0x18 | 3)
#define SELECTOR_USER_CODE (0x20 | 3)
#define SELECTOR_SYSRET_BASE (0x10 | 3)
#define SELECTOR_TSS 0x28

#define RFLAGS_FIXED 0x2
#define RFLAGS_IF 0x200
/* What a domain may set for itself: CF PF AF ZF SF DF OF. */
#define RFLAGS_USER 0xcd5
/* Cleared on a system call: all but the fixed bit. */
#define RFLAGS_SYSCALL_MASK 0x257fd5

#define IST_DOUBLE_FAULT 1
#define IST_NMI 2
#define IST_MACHINE_CHECK 3

#define EXCEPTION_NMI 2
#define EXCEPTION_UNDEFINED 6
#define EXCEPTION_NO_FPU 7
#define EXCEPTION_DOUBLE_FAULT 8
#define EXCEPTION_PROTECTION 13
#define EXCEPTION_PAGE_FAULT 14
#define EXCEPTION_MACHINE_CHECK 18
#define EXCEPTION_COUNT 32

/* In a frame's vector field: entered by the syscall instruction, so %rcx and %r11 need not come back. */
#define VECTOR_SYSCALL 256
/* Likewise: what is entered is an upcall, which has only its entry and %rax; all other registers are cleared. */
#define VECTOR_UPCALL 257
