/* The monitor is shown a copy of the capability, except where it is to have the capability itself. */
#include <skerry/shared_cap.h>

#include <abi/stubs.h>
#include <if/monitor.h>
#include <skerry/domain.h>
#include <skerry/slots.h>

/* Into the slot that it came from, which is empty. */
static err_t put(capaddr_t came, capaddr_t cap) {
    if (came == CAP_NULL) {
        return ERR_OK;
    }
    err_t err = cap_move(came, slot_word(cap));
    slot_release(came);
    return err;
}

/* Gives the capability away, and puts what comes back in its place: itself, or what it has become. */
static err_t hand_in(struct lrpc_call *call, capaddr_t cap) {
    TRY(slot_alloc(&call->cap));
    err_t err = cap_move(cap, slot_word(call->cap));
    if (err != ERR_OK) {
        slot_free(call->cap);
        return err;
    }
    err = domain_ask(call);
    err_t back = put(call->cap != CAP_NULL ? call->cap : call->reply_cap, cap);
    return err != ERR_OK ? err : back;
}

err_t shared_cap_retype(capaddr_t cap, unsigned type, uint64_t offset, uint64_t size, capaddr_t *made) {
    struct lrpc_call call = {.operation = MONITOR_SHARED_RETYPE, .request = {type, offset, size}};
    capaddr_t slot;
    TRY(slot_alloc(&slot));
    err_t err = cap_retype(cap, type, offset, size, 1, slot_word(slot));
    if (err == ERR_OK) {
        *made = slot;
        return ERR_OK;
    }
    slot_free(slot);
    if (err != ERR_FOREIGN) {
        return err;
    }
    TRY(domain_show(&call, cap));
    *made = call.reply_cap;
    return call.reply_cap != CAP_NULL ? ERR_OK : ERR_FORMAT;
}

err_t shared_cap_send(struct bind_channel *channel, uint64_t word, capaddr_t cap) {
    struct lrpc_call call = {.operation = MONITOR_SHARED_SEND, .request = {channel->id, word}};
    struct lrpc_call share = {.operation = MONITOR_SHARE};
    err_t err = domain_show(&call, cap); /* RAM that is not shared cannot be copied */
    if (err == ERR_ARGUMENT || err == ERR_NOT_COPYABLE) {
        TRY(hand_in(&share, cap));
        err = domain_show(&call, cap);
    }
    return err;
}

/* Again when somebody has shared a part of it anew between the two. */
static err_t revoke_parts(capaddr_t cap) {
    err_t err = ERR_SHARED;
    while (err == ERR_SHARED) {
        struct lrpc_call call = {.operation = MONITOR_SHARED_REVOKE};
        TRY(hand_in(&call, cap));
        err = cap_revoke(cap);
    }
    return err;
}

err_t shared_cap_revoke(capaddr_t cap) {
    struct lrpc_call call = {.operation = MONITOR_SHARED_REVOKE};
    err_t err = cap_revoke(cap);
    if (err == ERR_SHARED) {
        return revoke_parts(cap);
    }
    if (err != ERR_FOREIGN) {
        return err;
    }
    TRY(domain_show(&call, cap));
    return put(call.reply_cap, cap);
}

err_t shared_cap_delete(capaddr_t cap) {
    struct lrpc_call call = {.operation = MONITOR_SHARED_DELETE, .cap = cap};
    err_t err = domain_ask(&call);
    if (call.cap == CAP_NULL) {
        return err;
    }
    slot_release(call.cap); /* one without GRANT cannot be shown */
    return ERR_OK;
}

err_t shared_cap_move(capaddr_t cap, unsigned core) {
    struct lrpc_call call = {.operation = MONITOR_SHARED_MOVE, .request = {core}};
    return domain_show(&call, cap);
}

err_t shared_cap_info(capaddr_t cap, struct shared_cap_info *info) {
    struct lrpc_call call = {.operation = MONITOR_SHARED_INFO};
    TRY(domain_show(&call, cap));
    *info = (struct shared_cap_info){
        .owner = (unsigned)call.reply[1],
        .home = (unsigned)call.reply[2],
        .holders = {call.reply[3], call.reply[4], call.reply[5], call.reply[6]},
    };
    return ERR_OK;
}
