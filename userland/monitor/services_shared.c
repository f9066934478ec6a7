/* The capability that was shown is the request's, and goes with it. */
#include "monitor/services_shared.h"

#include <abi/stubs.h>
#include <skerry/slots.h>
#include <skerry/string.h>

#include "monitor/cores.h"
#include "monitor/machine.h"
#include "monitor/shared_caps.h"
#include "monitor/shared_ends.h"
#include "monitor/shared_objects.h"

/* What cannot be copied goes back whole. */
static err_t give_back(const struct lrpc_request *request, capaddr_t *cap) {
    TRY(slot_alloc(cap));
    err_t err = cap_move(request->cap, slot_word(*cap));
    if (err != ERR_OK) {
        slot_free(*cap);
        *cap = CAP_NULL;
    }
    return err;
}

err_t serve_share(const struct lrpc_request *request, uint64_t *reply, capaddr_t *cap) {
    (void)reply;
    if (request->cap == CAP_NULL) {
        return ERR_ARGUMENT;
    }
    err_t err = shared_make(request->cap, (uint32_t)request->badge);
    if (err != ERR_OK) {
        TRY(give_back(request, cap));
        return err;
    }
    struct shared_object *object;
    uint64_t rights;
    TRY(shared_of_cap(request->cap, &object, &rights));
    return shared_copy(object, rights, cap);
}

err_t serve_shared_send(const struct lrpc_request *request, uint64_t *reply, capaddr_t *cap) {
    (void)reply, (void)cap;
    struct shared_sending sending = {(uint32_t)request->badge, (uint32_t)request->payload[0], request->payload[1],
                                     request->cap};
    return request->cap != CAP_NULL ? shared_send(&sending) : ERR_ARGUMENT;
}

err_t serve_shared_retype(const struct lrpc_request *request, uint64_t *reply, capaddr_t *cap) {
    (void)reply;
    const uint64_t *word = request->payload;
    struct shared_retyping retyping = {request->cap, word[0], word[1], word[2]};
    return request->cap != CAP_NULL ? shared_retype(&retyping, cap) : ERR_ARGUMENT;
}

/* Of memory of this core's own, parts of which are shared, only those go: the rest its domain revokes. */
static err_t revoke_within(const struct lrpc_request *request, uint64_t rights, capaddr_t *cap) {
    struct memory memory;
    if ((rights & RIGHT_GRANT) == 0) {
        return ERR_CAP_RIGHTS;
    }
    TRY(kernel_identify(CAP_KERNEL, request->cap, NULL, &memory.base, &memory.size, NULL));
    shared_end_within(&memory);
    return give_back(request, cap);
}

err_t serve_shared_revoke(const struct lrpc_request *request, uint64_t *reply, capaddr_t *cap) {
    uint64_t meta;
    (void)reply;
    if (request->cap == CAP_NULL) {
        return ERR_ARGUMENT;
    }
    TRY(kernel_identify(CAP_KERNEL, request->cap, &meta, NULL, NULL, NULL));
    if (meta >> 16 == this_core()) {
        return revoke_within(request, meta >> 8 & 0xff, cap);
    }
    return shared_revoke_all(request->cap, cap);
}

err_t serve_shared_delete(const struct lrpc_request *request, uint64_t *reply, capaddr_t *cap) {
    (void)reply, (void)cap;
    struct shared_object *object;
    uint64_t rights;
    if (request->cap == CAP_NULL) {
        return ERR_ARGUMENT;
    }
    if (shared_of_cap(request->cap, &object, &rights) != ERR_OK) {
        return cap_delete(request->cap);
    }
    uint64_t base = object->memory.base;
    TRY(cap_delete(request->cap));
    return shared_end_unused(base);
}

err_t serve_shared_move(const struct lrpc_request *request, uint64_t *reply, capaddr_t *cap) {
    (void)reply, (void)cap;
    if (request->cap == CAP_NULL || request->payload[0] >= core_count()) {
        return ERR_ARGUMENT;
    }
    return shared_move(request->cap, (coreid_t)request->payload[0]);
}

err_t serve_shared_info(const struct lrpc_request *request, uint64_t *reply, capaddr_t *cap) {
    (void)cap;
    struct owner_object info;
    TRY(request->cap != CAP_NULL ? shared_info(request->cap, &info) : ERR_ARGUMENT);
    reply[0] = owner_of(&info);
    reply[1] = info.home;
    memcpy(&reply[2], info.holders.word, sizeof(info.holders));
    return ERR_OK;
}
