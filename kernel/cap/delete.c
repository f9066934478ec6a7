/*
 * Delete and revoke, a bounded step at a time. What is ending is a matter of ending.c.
 */
#include "cap/cap.h"
#include "cap/ending.h"
#include "cap/mapping.h"
#include "cap/mdb.h"

static err_t delete_some(struct cte *slot, unsigned *work) {
    if (!cap_is_gone(&slot->cap) && !ending_needed(slot)) {
        ending_delete(slot, work);
        return ERR_OK;
    }
    ending_run(work); /* an end that began earlier comes first, this one's or another's */
    if (!ending_active() && slot->cap.type != CAP_TYPE_NULL) {
        ending_delete(slot, work);
        ending_run(work);
    }
    return ending_active() ? ERR_CONTINUE : ERR_OK;
}

err_t cap_delete_step(struct cte *slot) {
    unsigned work = CAP_WORK;
    err_t err = delete_some(slot, &work);
    mapping_flush();
    return err;
}

/* Delete one relative of what is being revoked, or go on with ends that stand before it. */
static void revoke_one(struct cte *slot, unsigned *work) {
    bool going = cap_is_gone(&slot->cap);
    if (!going && !(ending_active() && ending_needed(slot))) {
        if ((slot->cap.flags & CAP_KEPT) != 0) {
            cap_kept_lost(slot);
        }
        ending_delete(slot, work);
    }
    ending_run(work);
}

static err_t revoke_some(struct cte *slot, unsigned *work) {
    while (*work > 0) {
        if (cap_is_gone(&slot->cap)) {
            return ERR_OK; /* it lay in what was revoked */
        }
        struct cte *victim = mdb_copy(slot);
        if (victim == NULL) {
            victim = mdb_descendant(slot);
        }
        if (victim == NULL) {
            return ERR_OK;
        }
        revoke_one(victim, work);
    }
    return ERR_CONTINUE;
}

err_t cap_revoke_step(struct cte *slot) {
    unsigned work = CAP_WORK;
    err_t err = revoke_some(slot, &work);
    mapping_flush();
    return err;
}

err_t cap_end_step(void) {
    if (LIKELY(!ending_active())) {
        return ERR_OK;
    }
    unsigned work = CAP_WORK;
    ending_run(&work);
    mapping_flush();
    return ending_active() ? ERR_CONTINUE : ERR_OK;
}
