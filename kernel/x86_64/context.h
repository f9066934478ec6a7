/*
 * Moving user contexts between the kernel stack and the save areas that domains can write.
 *
 * Whatever a save area holds, loading it gives a context that is safe to enter: user selectors, user flags only, and
 * addresses below USER_TOP.
 */
#pragma once

#include "core/base.h"

/* Store the current user context. */
void context_save(struct registers *area);

/* Make `area` the user context. */
void context_load(const struct registers *area);

/* Make the user context the start of an upcall at `entry`, with `frame` in %rax and all other registers cleared. */
void context_upcall(vaddr_t entry, vaddr_t frame);

/* After context_upcall() to an lrpc entry: who sends, and whether a capability came along. The message registers stay as the
 * sender left them. */
void context_message(uint64_t badge, bool with_cap);

/* Set the error that the current system call returns. */
void context_return(err_t err);

/* True if the user context's instruction pointer lies in [low, high). */
bool context_in(vaddr_t low, vaddr_t high);

/* Instruction pointer of the user context, for reports. */
vaddr_t context_address(void);

/* Load the FS and GS bases of `area` alone, before an upcall. */
void context_bases_load(const struct registers *area);

/* Store them alone, when the rest of the context is given up. */
void context_bases_save(struct registers *area);

/* The level-4 table in use; 0: none of a domain. */
extern paddr_t context_current_space;

/* Switch to an address space unless it is the current one. */
void context_space(paddr_t vnode_l4);

/* Use no domain's address space until the next context_space(): the current one may be about to end. */
void context_space_leave(void);
