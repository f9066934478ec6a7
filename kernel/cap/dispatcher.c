/*
 * DISPATCHER capabilities: set-up, life and death of a dispatcher, and the making of its endpoints and notifications.
 */
#include "core/dispatcher.h"

#include "cap/invoke.h"
#include "core/interrupt.h"
#include "core/log.h"
#include "core/mem.h"
#include "core/schedule.h"

struct dispatcher *dispatcher_of(const struct cap *cap) {
    return mem_direct(cap->base);
}

void dispatcher_init(struct cap *cap) {
    dispatcher_of(cap)->state = DISPATCHER_STATE_NEW; /* the rest is zero */
}

void dispatcher_end(struct cap *cap) {
    struct dispatcher *d = dispatcher_of(cap);
    dispatcher_stop(d);
    interrupt_forget(d);
}

struct cte *dispatcher_slots(const struct cap *cap, unsigned *count) {
    *count = DISPATCHER_SLOTS;
    return dispatcher_of(cap)->slots;
}

void cap_kept_lost(struct cte *slot) {
    static const char *const what[DISPATCHER_SLOTS] = {"capability space", "address space", "dispatcher frame"};
    struct dispatcher *d = (struct dispatcher *)ALIGN_DOWN((uint64_t)slot, DISPATCHER_SIZE);
    if (d->state >= DISPATCHER_STATE_BLOCKED) {
        log_line("cpu: %s stopped: its %s was revoked", d->name, what[slot - d->slots]);
    }
    dispatcher_stop(d);
}

static err_t setup_decode(const struct invocation *inv, const struct dispatcher *d) {
    vaddr_t vaddr = inv->word[3];
    if (d->state != DISPATCHER_STATE_NEW || d->frame != NULL) {
        return ERR_NOT_READY;
    }
    const struct cap *frame = &inv->cte[2]->cap;
    if (frame->size != PAGE_SIZE || !mem_in_pool(frame->base, frame->size)) {
        return ERR_NOT_POOL;
    }
    return IS_ALIGNED(vaddr, PAGE_SIZE) && vaddr < USER_TOP ? ERR_OK : ERR_ADDRESS;
}

static void setup_act(const struct invocation *inv, struct dispatcher *d) {
    cap_keep(&d->slots[SLOT_CSPACE], inv->cte[0]);
    cap_keep(&d->slots[SLOT_VSPACE], inv->cte[1]);
    cap_keep(&d->slots[SLOT_FRAME], inv->cte[2]);
    dispatcher_attach(d, inv->word[3]);
}

err_t inv_dispatcher_setup(struct invocation *inv) {
    struct dispatcher *d = dispatcher_of(&inv->cap->cap);
    TRY(setup_decode(inv, d));
    setup_act(inv, d);
    return ERR_OK;
}

err_t inv_dispatcher_cspace(struct invocation *inv) {
    struct cte *kept = &dispatcher_of(&inv->cap->cap)->slots[SLOT_CSPACE];
    if (cap_is_gone(&kept->cap)) {
        return ERR_NOT_READY;
    }
    if (!cap_has_copy(kept)) {
        return ERR_RETYPE_BUSY; /* the old root would have to end, with what is in it */
    }
    cap_drop(kept);
    cap_keep(kept, inv->cte[0]);
    return ERR_OK;
}

err_t inv_dispatcher_run(struct invocation *inv) {
    struct dispatcher *d = dispatcher_of(&inv->cap->cap);
    if (d->state != DISPATCHER_STATE_NEW || d->frame == NULL) {
        return ERR_NOT_READY;
    }
    return schedule_start(d, dispatcher_giver());
}

err_t inv_dispatcher_stop(struct invocation *inv) {
    dispatcher_stop(dispatcher_of(&inv->cap->cap));
    return ERR_OK;
}

err_t inv_dispatcher_weight(struct invocation *inv) {
    return schedule_set_weight(dispatcher_of(&inv->cap->cap), inv->word[0], dispatcher_giver());
}

err_t inv_dispatcher_reserve(struct invocation *inv) {
    return schedule_reserve(dispatcher_of(&inv->cap->cap), inv->word[0], inv->word[1]);
}

/* Once it runs the name stays: what reports say of a domain is not that domain's to change. */
err_t inv_dispatcher_name(struct invocation *inv) {
    struct dispatcher *d = dispatcher_of(&inv->cap->cap);
    if (d->state != DISPATCHER_STATE_NEW) {
        return ERR_NOT_READY;
    }
    dispatcher_name(d, inv->word);
    return ERR_OK;
}

err_t inv_dispatcher_info(struct invocation *inv) {
    const struct dispatcher *d = dispatcher_of(&inv->cap->cap);
    inv->result[0] = d->state;
    inv->result[1] = d->ticks;
    inv->result[2] = d->upcalls;
    inv->result[3] = d->faults;
    return ERR_OK;
}
