/*
 * The KERNEL capability's operations on memory: whole chunks between cores, and into this core's pool.
 *
 * RAM that is given keeps its capability here, owned by the other core, which adopts the range by its description. Both
 * monitors see to it that each range has one owner; a CPU driver knows of its own core's capabilities only.
 */
#include "cap/invoke.h"
#include "cap/mdb.h"
#include "cap/ram.h"
#include "core/mem.h"

/* The capability stays, owned by the other core: its range remains busy for whatever it was cut from. */
err_t inv_kernel_give(struct invocation *inv) {
    uint64_t core = inv->word[1];
    struct cap *ram = &inv->cte[0]->cap;
    if (core >= MAX_CORES || core == cap_core || mem_in_pool_any(ram->base, ram->size)) {
        return ERR_ARGUMENT;
    }
    TRY(cap_revoke_step(inv->cte[0]));
    if (!cap_is_gone(ram)) {
        ram->owner = (uint16_t)core;
    }
    return ERR_OK;
}

/* The other way round. What this core has of the range is of no use without its owner; half-made zeroes least of all. */
err_t inv_kernel_reclaim(struct invocation *inv) {
    struct cap *ram = &inv->cte[0]->cap;
    if (ram->type != CAP_TYPE_RAM || !cap_is_foreign(ram)) {
        return ERR_ARGUMENT;
    }
    TRY(cap_revoke_step(inv->cte[0]));
    if (!cap_is_gone(ram)) {
        ram_zero_forget(ram);
        ram->owner = (uint16_t)cap_core;
    }
    return ERR_OK;
}

static err_t adopt_decode(const struct invocation *inv, struct cap *cap) {
    *cap = cap_make(CAP_TYPE_RAM, inv->word[0], inv->word[1]);
    if (!cap_range_valid(cap) || !IS_ALIGNED(cap->base | cap->size, CHUNK_SIZE)) {
        return ERR_ARGUMENT;
    }
    return mdb_anything(cap) != NULL || mem_in_pool_any(cap->base, cap->size) ? ERR_RETYPE_BUSY : ERR_OK;
}

err_t inv_kernel_adopt(struct invocation *inv) {
    struct cap cap;
    TRY(adopt_decode(inv, &cap));
    cap_create(inv->cte[2], &cap);
    return ERR_OK;
}

/* A chunk joins the pool for good: making it leave again needs its objects gone and belongs to the memory service. */
err_t inv_kernel_pool_add(struct invocation *inv) {
    const struct cap *ram = &inv->cte[0]->cap;
    if (mem_in_pool_any(ram->base, ram->size)) {
        return ERR_ARGUMENT;
    }
    return mem_pool_add(ram->base, ram->size);
}

/* The monitors have agreed on it; this core does its part. */
err_t inv_kernel_revoke(struct invocation *inv) {
    return cap_revoke_step(inv->cte[0]);
}

static err_t share_decode(const struct cap *cap) {
    bool whose = cap_is_foreign(cap) && cap->owner != OWNER_SHARED;
    return (cap->flags & CAP_SHARED) != 0 ? ERR_NOT_READY : whose ? ERR_FOREIGN : ERR_OK;
}

err_t inv_kernel_share(struct invocation *inv) {
    struct cte *slot = inv->cte[0];
    TRY(share_decode(&slot->cap));
    mdb_remove(slot);
    slot->cap.flags |= CAP_SHARED;
    mdb_insert(slot);
    return ERR_OK;
}

static err_t disown_decode(const struct cap *cap) {
    if (cap_is_foreign(cap)) {
        return ERR_FOREIGN;
    }
    return (cap->flags & CAP_SHARED) != 0 || mdb_shared(cap, cap->base, cap->size) ? ERR_SHARED : ERR_OK;
}

/* One capability an entry, the one named last: until then it is this core's, and so answers when asked again. */
err_t inv_kernel_disown(struct invocation *inv) {
    struct cte *slot = inv->cte[0];
    TRY(disown_decode(&slot->cap));
    struct cte *copy = mdb_copy(slot), *now = copy != NULL ? copy : slot;
    mdb_remove(now);
    now->cap.owner = OWNER_SHARED;
    now->cap.extra = 0; /* what RAM had been zeroed */
    mdb_insert(now);
    return copy != NULL ? ERR_CONTINUE : ERR_OK;
}

err_t inv_kernel_relatives(struct invocation *inv) {
    const struct cte *slot = inv->cte[0];
    inv->result[0] = mdb_copy(slot) != NULL;
    inv->result[1] = mdb_descendant(slot) != NULL;
    inv->result[2] = mdb_overlap(slot, slot->cap.base + inv->word[1], inv->word[2]) != NULL;
    return ERR_OK;
}
