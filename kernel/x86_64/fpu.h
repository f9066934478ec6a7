/*
 * x87, SSE and AVX registers of dispatchers.
 *
 * The state of a dispatcher that uses them is kept in its object, never in memory that a domain can write, so there is
 * nothing to check when it comes back. A dispatcher starts without: its first such instruction traps (#NM), and from
 * then on its state is switched eagerly. Going from one that uses them to one that does not, the registers are put
 * into their initial state, so nothing is left behind for a speculating reader. Threads of one dispatcher share
 * the state; their library saves it between them with user-level instructions.
 */
#pragma once

#include "core/base.h"

/* Enough for x87, SSE, AVX and AVX-512. */
#define FPU_STATE_SIZE 2816

struct fpu {
    bool used;
    uint8_t state[FPU_STATE_SIZE] __attribute__((aligned(64)));
};

/* Enable what CPUID offers and FPU_STATE_SIZE holds. */
void fpu_init(void);

/* Put away the registers of `from` and load those of `to`; either may be NULL. */
void fpu_switch(struct fpu *from, struct fpu *to);

/* The running dispatcher used them for the first time. False if it had them already: then the trap is its own. */
bool fpu_first_use(struct fpu *fpu);
