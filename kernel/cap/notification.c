/*
 * NOTIFICATION capabilities: one bit of a dispatcher's notify word, a face of the dispatcher like its endpoints.
 */
#include "cap/invoke.h"
#include "core/dispatcher.h"

err_t inv_dispatcher_notification(struct invocation *inv) {
    uint64_t bit = inv->word[1];
    if (bit > NOTIFY_LRPC_RETRY) {
        return ERR_ARGUMENT;
    }
    struct cap cap = cap_make(CAP_TYPE_NOTIFICATION, inv->cap->cap.base, inv->cap->cap.size);
    cap.extra = bit;
    cap_create(inv->cte[0], &cap);
    return ERR_OK;
}

err_t inv_notification_signal(struct invocation *inv) {
    const struct cap *cap = &inv->cap->cap;
    dispatcher_signal(dispatcher_of(cap), (unsigned)cap->extra);
    return ERR_OK;
}
