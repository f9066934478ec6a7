/*
 * Slots and what they hold: making, copying, moving and dropping capabilities, with the mapping database kept in step.
 *
 * Every function here acts: callers have checked that destinations are empty and sources may be copied.
 */
#include "cap/cap.h"
#include "cap/mdb.h"

coreid_t cap_core;

void cap_init(coreid_t core) {
    cap_core = core;
}

/* Where the names of each space end, and the bits that they leave 0. */
static const struct {
    uint64_t end, zero;
} space_names[SPACE_COUNT] = {
    [SPACE_MEMORY] = {CAP_ADDRESS_MAX, PAGE_SIZE - 1},
    [SPACE_IOPORT] = {1 << 16, 0},
    [SPACE_VECTOR] = {1 << 8, 0},
    [SPACE_CORE] = {MAX_CORES + 1, 0},
    [SPACE_KERNEL] = {1, 0},
};

bool cap_range_valid(const struct cap *cap) {
    if (cap->type == CAP_TYPE_NULL || cap->type >= CAP_TYPE_COUNT) {
        return false;
    }
    unsigned space = cap_types[cap->type].space;
    uint64_t end = space_names[space].end;
    if (cap->size == 0 || cap->size > end || cap->base > end - cap->size ||
        ((cap->base | cap->size) & space_names[space].zero) != 0) {
        return false;
    }
    return cap->type != CAP_TYPE_RAM || cap->size <= CAP_RAM_SIZE_MAX;
}

bool cap_is_foreign_object(const struct cap *cap) {
    const uint32_t portable =
        1u << CAP_TYPE_FRAME | 1u << CAP_TYPE_DEVICE | 1u << CAP_TYPE_IOPORT | 1u << CAP_TYPE_CORE;
    return cap_is_foreign(cap) && cap->owner != OWNER_SHARED && (portable & 1u << cap->type) == 0;
}

void cap_link(struct cte *slot) {
    KASSERT(cap_range_valid(&slot->cap));
    mdb_insert(slot);
}

/* Fill an empty slot and link it. */
static void slot_fill(struct cte *slot, const struct cap *cap, uint8_t flags) {
    KASSERT(slot->cap.type == CAP_TYPE_NULL);
    slot->cap = *cap;
    slot->cap.flags = flags;
    cap_link(slot);
}

void cap_copy(struct cte *slot, const struct cte *source) {
    KASSERT(!cap_is_gone(&source->cap) && !cap_is_linear(&source->cap));
    slot_fill(slot, &source->cap, 0);
}

void cap_keep(struct cte *slot, const struct cte *source) {
    KASSERT(!cap_is_gone(&source->cap) && !cap_is_linear(&source->cap));
    slot_fill(slot, &source->cap, CAP_KEPT);
}

void cap_move(struct cte *slot, struct cte *source) {
    struct cap cap = source->cap;
    cap_drop(source);
    slot_fill(slot, &cap, cap.flags & (CAP_GOING | CAP_SHARED));
}

void cap_drop(struct cte *slot) {
    mdb_remove(slot);
    memset(slot, 0, sizeof(*slot));
}

bool cap_has_copy(const struct cte *slot) {
    return mdb_copy(slot) != NULL;
}
