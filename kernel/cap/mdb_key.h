/*
 * The order of the mapping database; for mdb.c and mdb_query.c only.
 *
 * There is a tree for each region. A region is a space of the contract, or that space's leaves: capabilities inside which
 * nothing can be made, such as mappings. Leaves may overlap as they like, the rest nests, and that is what makes every
 * query one or two descents. The marks of shared memory have a region of their own, where no other query looks.
 *
 * A tree is ordered by (start ascending, end descending, type, owner, badge, address of the slot): an ancestor comes before
 * its descendants, for it starts earlier, ends later, or has the lower type.
 */
#pragma once

#include "cap/cap.h"

enum { MDB_SHARED = 2 * SPACE_COUNT, MDB_REGIONS };

struct mdb_key {
    unsigned region;
    uint64_t start, end;
    uint32_t kind; /* type << 16 | owner */
    uint64_t badge;
    uintptr_t address;
};

/* Types whose `extra` tells capabilities over one range apart. */
static inline bool mdb_has_badge(const struct cap *cap) {
    return (cap->type >= CAP_TYPE_MAPPING && cap->type <= CAP_TYPE_NOTIFICATION) || cap->type == CAP_TYPE_CORE;
}

static inline uint64_t mdb_badge(const struct cap *cap) {
    return mdb_has_badge(cap) ? cap->extra : 0;
}

static inline bool mdb_is_leaf(const struct cap *cap) {
    return mdb_has_badge(cap) && (cap->type != CAP_TYPE_CORE || cap->extra != 0);
}

static inline unsigned mdb_space_region(const struct cap *cap) {
    return cap_types[cap->type].space;
}

static inline unsigned mdb_leaf_region(const struct cap *cap) {
    return cap_types[cap->type].space + SPACE_COUNT;
}

static inline unsigned mdb_region(const struct cap *cap) {
    if ((cap->flags & CAP_SHARED) != 0) {
        return MDB_SHARED;
    }
    return mdb_is_leaf(cap) ? mdb_leaf_region(cap) : mdb_space_region(cap);
}

static inline uint64_t mdb_end(const struct cap *cap) {
    return cap->base + cap->size;
}

static inline uint32_t mdb_kind(const struct cap *cap) {
    return (uint32_t)cap->type << 16 | cap->owner;
}

/* The key of a capability; with 0 or UINTPTR_MAX as address, the place before or after all copies. */
static inline struct mdb_key mdb_key(const struct cap *cap, uintptr_t address) {
    return (struct mdb_key){mdb_region(cap), cap->base, mdb_end(cap), mdb_kind(cap), mdb_badge(cap), address};
}

/* The node is in the key's region. */
static inline bool mdb_key_before(const struct mdb_key *key, const struct cte *node) {
    const struct cap *cap = &node->cap;
    if (key->start != cap->base) {
        return key->start < cap->base;
    }
    if (key->end != mdb_end(cap)) {
        return key->end > mdb_end(cap);
    }
    if (key->kind != mdb_kind(cap)) {
        return key->kind < mdb_kind(cap);
    }
    if (key->badge != mdb_badge(cap)) {
        return key->badge < mdb_badge(cap);
    }
    return key->address < (uintptr_t)node;
}
