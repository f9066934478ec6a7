/*
 * Retype: new capabilities, and new objects, from part of a range.
 *
 * Decode checks the types, the range, the destination slots, that kernel objects lie in the pool, and that nothing made
 * earlier overlaps. Act zeroes the memory, some pages an entry, and then makes all capabilities at once.
 */
#include "cap/cap.h"
#include "cap/invoke.h"
#include "cap/mdb.h"
#include "cap/ram.h"
#include "cap/vnode.h"
#include "core/mem.h"

struct retype {
    struct cap *source;
    unsigned type;
    uint64_t offset, size, count;
};

/* Granule and size of a type's objects. */
static bool measure_valid(unsigned type, uint64_t offset, uint64_t size) {
    uint64_t granule = cap_types[type].space == SPACE_MEMORY ? PAGE_SIZE : 1;
    if (size == 0 || !IS_ALIGNED(offset | size, granule)) {
        return false;
    }
    if (type >= CAP_TYPE_VNODE_L4 && type <= CAP_TYPE_VNODE_L1) {
        return size == VNODE_SIZE;
    }
    return type != CAP_TYPE_DISPATCHER || size == DISPATCHER_SIZE;
}

static err_t decode_type(const struct cap *source, uint64_t type) {
    bool badged = source->type == CAP_TYPE_CORE && source->extra != 0;
    if (type >= CAP_TYPE_COUNT || (cap_types[source->type].retype & 1u << type) == 0 || badged) {
        return ERR_RETYPE_TYPE;
    }
    return ERR_OK;
}

static err_t decode_range(const struct retype *r) {
    const struct cap *source = r->source;
    if (!measure_valid(r->type, r->offset, r->size) || r->count == 0 || r->count > CAP_RETYPE_MAX) {
        return ERR_RETYPE_RANGE;
    }
    bool all = r->type == source->type && r->size == source->size;
    if (all || r->size > source->size || r->offset > source->size || r->size * r->count > source->size - r->offset) {
        return ERR_RETYPE_RANGE;
    }
    return ERR_OK;
}

static err_t decode_slots(const struct cte *slot, uint64_t room, uint64_t count) {
    if (count > room) {
        return ERR_SLOT_RANGE;
    }
    for (uint64_t i = 0; i < count; i++) {
        if (slot[i].cap.type != CAP_TYPE_NULL) {
            return ERR_SLOT_OCCUPIED;
        }
    }
    return ERR_OK;
}

/* Of what is nobody's, marks say no more than that. */
static bool is_shared(const struct cap *source, uint64_t base, uint64_t size) {
    return source->owner != OWNER_SHARED && mdb_shared(source, base, size);
}

/* `word`: type, offset, size, count; the slot comes after them. */
static err_t decode(struct cte *slot, const uint64_t *word, const struct invocation *inv, struct retype *r) {
    struct cap *source = &slot->cap;
    TRY(decode_type(source, word[0]));
    *r = (struct retype){source, (unsigned)word[0], word[1], word[2], word[3]};
    TRY(decode_range(r));
    TRY(decode_slots(inv->cte[word + 4 - inv->word], inv->room, r->count));
    if (cap_types[r->type].pool && !mem_in_pool(source->base + r->offset, r->size * r->count)) {
        return ERR_NOT_POOL;
    }
    if (is_shared(source, source->base + r->offset, r->size * r->count)) {
        return ERR_SHARED;
    }
    if (mdb_overlap(slot, source->base + r->offset, r->size * r->count) != NULL) {
        return ERR_RETYPE_BUSY;
    }
    return ERR_OK;
}

/* Make the object behind a new capability out of zeroed memory. */
static void object_init(struct cap *cap) {
    switch (cap->type) {
    case CAP_TYPE_VNODE_L4:
        vnode_init_top(cap);
        break;
    case CAP_TYPE_DISPATCHER:
        dispatcher_init(cap);
        break;
    default: /* zeroed memory is an empty CNode or table */
        break;
    }
}

static void act(const struct retype *r, struct cte *slot) {
    for (uint64_t i = 0; i < r->count; i++) {
        struct cap cap = cap_make(r->type, r->source->base + r->offset + i * r->size, r->size);
        cap.rights = r->source->rights;
        object_init(&cap);
        cap_create(slot + i, &cap);
    }
}

static err_t retype(struct cte *slot, const uint64_t *word, struct invocation *inv) {
    struct retype r;
    TRY(decode(slot, word, inv, &r));
    if (r.source->type == CAP_TYPE_RAM) {
        if (r.type != CAP_TYPE_RAM && !ram_zero_step(r.source, r.offset, r.size * r.count)) {
            return ERR_CONTINUE;
        }
        ram_zero_forget(r.source);
    }
    act(&r, inv->cte[word + 4 - inv->word]);
    return ERR_OK;
}

err_t inv_cap_retype(struct invocation *inv) {
    return cap_is_foreign(&inv->cap->cap) ? ERR_FOREIGN : retype(inv->cap, inv->word, inv);
}

err_t inv_kernel_retype(struct invocation *inv) {
    return inv->cte[0]->cap.owner == OWNER_SHARED ? retype(inv->cte[0], inv->word + 1, inv) : ERR_ARGUMENT;
}
