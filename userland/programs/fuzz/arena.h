/* The capabilities that are played with, all of them made of one piece of RAM. */
#ifndef FUZZ_ARENA_H
#define FUZZ_ARENA_H

#include "programs/fuzz/generate.h"

/* Takes the memory; its physical address. */
paddr_t arena_init(void);

/* Whatever has become of it: four CNodes, and pieces of RAM in the first one's first slots. */
void arena_reset(void);

/* An invocation to its end: steps are repeated, and an end that can be asked for no longer is waited for. */
err_t arena_invoke(const struct generated *invocation, uint64_t result[INVOKE_RESULTS]);

#endif
