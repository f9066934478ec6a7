/* Capability slots of this domain: the free ones of the task CNode, then further CNodes made from its RAM. */
#ifndef SKERRY_SLOTS_H
#define SKERRY_SLOTS_H

#include <abi/stubs.h>
#include <skerry/base.h>

void slots_init(void);
[[nodiscard]] err_t slot_alloc(capaddr_t *slot);

/* In a new slot; *copy is as before when there is an error. */
[[nodiscard]] err_t slot_copy(capaddr_t cap, capaddr_t *copy);
[[nodiscard]] err_t slot_mint(capaddr_t cap, uint64_t rights, uint64_t badge, capaddr_t *copy);

/* The slot must be empty. */
void slot_free(capaddr_t slot);

/* Deletes what is in the slot and frees the slot. */
void slot_release(capaddr_t slot);

/* The slot word that names this address as a destination. */
static inline uint64_t slot_word(capaddr_t slot) {
    return SLOT(CAPADDR_ROOT | slot >> CNODE_SLOTS_BITS, slot & ((1u << CNODE_SLOTS_BITS) - 1));
}

#endif
