/*
 * Invocation: from a capability address, an operation and six words to the function that does it.
 *
 * The contract's table says what each operation needs. invoke() looks all capabilities up, checks types, rights and
 * slots, and calls inv_TYPE_NAME(), which first decodes what only it can check (changing nothing) and then acts (which
 * cannot fail; ERR_CONTINUE is no failure).
 */
#pragma once

#include "cap/cap.h"

struct invocation {
    struct cte *cap;              /* the invoked capability */
    uint64_t word[INVOKE_ARGS];   /* arguments as the domain gave them */
    struct cte *cte[INVOKE_ARGS]; /* ARG_CAP: the capability; ARG_SLOT: the empty slot */
    uint64_t room;                /* with an ARG_SLOT: slots from it to the end of its CNode: cte[i] + 0 ... room - 1 */
    uint64_t result[INVOKE_RESULTS];
};

/* `word` is filled in by the caller; `root` is the slot with the domain's root CNode. Results are zero on failure. */
[[nodiscard]] err_t invoke(const struct cte *root, uint64_t address, uint64_t operation, struct invocation *inv);
