/*
 * The context that entry code leaves on the kernel stack, and the entry points themselves.
 *
 * There is one user context at a time: entry from user space always leaves it at the top of the kernel stack, where
 * user_context() finds it. Switching dispatchers means copying registers out of it and in to it.
 */
#pragma once

#include "core/base.h"
#include "x86_64/descriptors.h"

struct context {
    uint64_t rax, rbx, rcx, rdx, rsi, rdi, rbp, r8, r9, r10, r11, r12, r13, r14, r15;
    uint64_t vector; /* exception or interrupt, or VECTOR_SYSCALL */
    uint64_t error;
    uint64_t rip, cs, rflags, rsp, ss;
};

#define KERNEL_STACK_SIZE 0x4000

/* Stacks with an unmapped page below each. */
struct kernel_stacks {
    char guard_kernel[PAGE_SIZE];
    char kernel[KERNEL_STACK_SIZE];
    char guard_double_fault[PAGE_SIZE];
    char double_fault[PAGE_SIZE];
    char guard_nmi[PAGE_SIZE];
    char nmi[PAGE_SIZE];
    char guard_machine_check[PAGE_SIZE];
    char machine_check[PAGE_SIZE];
};

extern struct kernel_stacks kernel_stacks;

static inline struct context *user_context(void) {
    return (struct context *)(kernel_stacks.kernel + KERNEL_STACK_SIZE) - 1;
}

void entry_syscall(void);

/* Addresses of the 256 interrupt stubs. */
extern const uint64_t entry_vectors[256];

/* Load user_context() and go to user space. */
[[gnu::noreturn]] void entry_leave(void);

/* Called by the stubs. */
void trap(struct context *context);
[[gnu::noreturn]] void core_main(paddr_t boot_data);
