/*
 * The slow path, which is complete: every case is checked here.
 * x86_64/lrpc_fast.S takes the common case away.
 */
#include "ipc/lrpc.h"

#include "cap/cspace.h"
#include "core/schedule.h"
#include "core/trace.h"
#include "x86_64/context.h"

/* What the fast path compares slots' first words with: type, rights, not going, own. */
uint64_t lrpc_cnode_mask, lrpc_cnode_head, lrpc_endpoint_mask, lrpc_endpoint_head;
bool lrpc_fast_allowed;

static bool fast_possible;

void lrpc_init(coreid_t core, bool fast) {
    lrpc_cnode_mask = CAP_HEAD(UINT8_MAX, RIGHT_READ, CAP_GOING, UINT16_MAX);
    lrpc_cnode_head = CAP_HEAD(CAP_TYPE_CNODE, RIGHT_READ, 0, core);
    lrpc_endpoint_mask = CAP_HEAD(UINT8_MAX, RIGHT_WRITE, CAP_GOING, UINT16_MAX);
    lrpc_endpoint_head = CAP_HEAD(CAP_TYPE_ENDPOINT, RIGHT_WRITE, 0, core);
    fast_possible = fast;
    lrpc_fast_allow(true);
}

void lrpc_fast_allow(bool allowed) {
    lrpc_fast_allowed = fast_possible && allowed;
}

static bool accepts(const struct dispatcher *d) {
    return d != dispatcher_current && !d->resume_disabled && d->frame->lrpc_accept != 0 && d->frame->entry_lrpc != 0;
}

/* Find the capability to send and the slot it goes to. */
static err_t transfer_decode(const struct dispatcher *receiver, uint64_t address, struct cte **cap, struct cte **slot) {
    TRY(cspace_get(dispatcher_space(dispatcher_current), address, 0, RIGHT_GRANT, cap));
    if (receiver->frame->lrpc_slot == 0) {
        return ERR_NOT_READY;
    }
    /* What the receiver named is its own affair: whatever is wrong with it, the sender may try again later. */
    uint64_t room;
    err_t err = cspace_slot(dispatcher_space(receiver), receiver->frame->lrpc_slot, slot, &room);
    return err == ERR_OK ? ERR_OK : ERR_BUSY;
}

/* The sender's words are still in the user context: only the receiver's own registers change. */
static void deliver(struct dispatcher *receiver, uint64_t badge, bool with_cap) {
    context_return(ERR_OK);
    trace_event(TRACE_KIND_LRPC, with_cap, receiver, dispatcher_current);
    dispatcher_save();
    schedule_directed(receiver);
    context_bases_load(&receiver->frame->enabled);
    dispatcher_upcall(receiver->frame->entry_lrpc, TRACE_UPCALL_LRPC);
    context_message(badge, with_cap);
}

err_t lrpc_send(uint64_t endpoint, uint64_t cap_address) {
    struct cte *ep, *cap = NULL, *slot = NULL;
    TRY(cspace_get(dispatcher_space(dispatcher_current), endpoint, 1U << CAP_TYPE_ENDPOINT, RIGHT_WRITE, &ep));
    struct dispatcher *receiver = dispatcher_of(&ep->cap);
    uint64_t badge = ep->cap.extra;
    if (receiver->state < DISPATCHER_STATE_BLOCKED || !dispatcher_intact(receiver)) {
        return ERR_PEER_DEAD;
    }
    err_t err = accepts(receiver) ? ERR_OK : ERR_BUSY;
    if (err == ERR_OK && cap_address != CAP_NULL) {
        err = transfer_decode(receiver, cap_address, &cap, &slot);
    }
    if (err == ERR_BUSY) {
        dispatcher_wait(dispatcher_current, receiver);
    }
    TRY(err);
    if (cap != NULL) {
        cap_move(slot, cap);
    }
    deliver(receiver, badge, cap != NULL);
    return ERR_OK;
}
