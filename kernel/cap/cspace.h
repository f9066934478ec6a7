/*
 * Capability addresses: from a number that a domain gives to a slot of its capability space.
 *
 * A capability space has two levels. The root CNode has 64 slots or more; address root slot * 64 + slot names a slot of
 * the CNode in that root slot, and CAPADDR_ROOT | root slot a root slot itself. A slot word, for destinations, is
 * capability address of any CNode << 32 | index in it. Nothing here changes anything.
 *
 * Numbers are taken as the 64 bits that the domain's register held, so that none is cut short before it is checked.
 */
#pragma once

#include "cap/cap.h"
#include "core/mem.h"

/* The slots of a CNode, and their number. The capability is own and not going. */
static inline struct cte *cnode_slots(const struct cap *cnode) {
    return mem_direct(cnode->base);
}

static inline uint64_t cnode_slot_count(const struct cap *cnode) {
    return cnode->size / sizeof(struct cte);
}

/* The root CNode's slots, for as long as nothing changes. */
struct cspace {
    struct cte *slots;
    uint64_t count;
};

/* `root` may be empty or no CNode: a space in which there is nothing. */
static inline struct cspace cspace_of(const struct cte *root) {
    if (UNLIKELY(!cap_is_cnode(&root->cap))) {
        return (struct cspace){NULL, 0};
    }
    return (struct cspace){cnode_slots(&root->cap), cnode_slot_count(&root->cap)};
}

/* The slot that an address names; it may be empty. Looking through a second-level CNode needs READ on it: CAP_RIGHTS. */
[[nodiscard]] static inline err_t cspace_lookup(struct cspace space, uint64_t address, struct cte **slot) {
    if (UNLIKELY(address >= CAPADDR_ROOT)) { /* a slot of the root itself; no root has 2^31 */
        uint64_t index = address - CAPADDR_ROOT;
        if (index >= space.count) {
            return ERR_CAP_ADDRESS;
        }
        *slot = space.slots + index;
        return ERR_OK;
    }
    uint64_t index = address >> CNODE_SLOTS_BITS;
    if (index >= space.count || !cap_is_cnode(&space.slots[index].cap)) {
        return ERR_CAP_ADDRESS;
    }
    const struct cte *second = space.slots + index;
    if ((second->cap.rights & RIGHT_READ) == 0) {
        return ERR_CAP_RIGHTS;
    }
    *slot = cnode_slots(&second->cap) + (address & ((1u << CNODE_SLOTS_BITS) - 1));
    return ERR_OK;
}

/* What is wrong with a capability for cspace_get(); ERR_OK for what is usable though it is not plain. */
[[nodiscard]] err_t cspace_check(const struct cap *cap, uint32_t types, uint8_t rights);

/*
 * A capability that is there, of one of `types` (mask of 1 << CAP_TYPE_x; 0 = any), with `rights`, and usable on this
 * core. Errors: CAP_ADDRESS, CAP_EMPTY, CAP_TYPE, CAP_RIGHTS, FOREIGN.
 */
[[nodiscard]] static inline err_t cspace_get(struct cspace space, uint64_t address, uint32_t types, uint8_t rights,
                                             struct cte **slot) {
    struct cte *found;
    TRY(cspace_lookup(space, address, &found));
    if (UNLIKELY((types & 1u << found->cap.type) == 0 || !cap_is_plain(&found->cap, rights))) {
        TRY(cspace_check(&found->cap, types, rights));
    }
    *slot = found;
    return ERR_OK;
}

/*
 * The empty slot that a slot word names in a writable CNode, and how many slots, this one included, follow in that
 * CNode. Further errors: SLOT_RANGE, SLOT_OCCUPIED.
 */
[[nodiscard]] static inline err_t cspace_slot(struct cspace space, uint64_t word, struct cte **slot, uint64_t *room) {
    struct cte *cnode;
    TRY(cspace_get(space, word >> 32, 1u << CAP_TYPE_CNODE, RIGHT_WRITE, &cnode));
    uint64_t index = word & UINT32_MAX, count = cnode_slot_count(&cnode->cap);
    if (index >= count) {
        return ERR_SLOT_RANGE;
    }
    struct cte *found = cnode_slots(&cnode->cap) + index;
    if (found->cap.type != CAP_TYPE_NULL) {
        return ERR_SLOT_OCCUPIED;
    }
    *slot = found;
    *room = count - index;
    return ERR_OK;
}
