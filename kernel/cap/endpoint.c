/*
 * ENDPOINT capabilities. An endpoint is a face of its dispatcher and has no memory of its own; sending is the lrpc
 * system call (kernel/ipc). mint gives one without a badge its badge.
 */
#include "cap/invoke.h"

err_t inv_dispatcher_endpoint(struct invocation *inv) {
    struct cap cap = cap_make(CAP_TYPE_ENDPOINT, inv->cap->cap.base, inv->cap->cap.size);
    cap_create(inv->cte[0], &cap);
    return ERR_OK;
}
