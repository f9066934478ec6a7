/* A loan hangs at its end of the channel from before anybody is told, so that the end of the channel finds it. */
#include "monitor/loans.h"

#include <abi/stubs.h>
#include <if/monitor.h>
#include <skerry/heap.h>
#include <skerry/lrpc.h>
#include <skerry/slots.h>

#include "monitor/cores.h"
#include "monitor/domains.h"
#include "monitor/ends.h"
#include "monitor/machine.h"

#define LOANS_OF_CHANNEL 16

static bool is_memory(uint64_t meta) {
    return (meta & 0xff) == CAP_TYPE_FRAME || (meta & 0xff) == CAP_TYPE_DEVICE;
}

static err_t hang(struct end *end, struct loan **list, capaddr_t cap) {
    struct loan *loan = calloc(1, sizeof(*loan));
    if (loan == NULL) {
        return ERR_NO_MEMORY;
    }
    *loan = (struct loan){*list, cap};
    *list = loan;
    end->loans++;
    return ERR_OK;
}

/* True if the loan was still there: the channel may have ended while somebody waited. */
static bool unhang(struct end *end, uint32_t id, struct loan **list, capaddr_t cap) {
    if (end_get(id) != end) {
        return false;
    }
    for (struct loan **at = list, *loan; (loan = *at) != NULL; at = &loan->next) {
        if (loan->cap == cap) {
            *at = loan->next;
            free(loan);
            end->loans--;
            return true;
        }
    }
    return false;
}

struct memory {
    uint64_t base, size;
};

/* Of that memory, from `from` on. */
static struct loan *find(struct loan *from, const struct memory *memory) {
    for (struct loan *loan = from; loan != NULL; loan = loan->next) {
        uint64_t meta, base, size;
        err_t err = kernel_identify(CAP_KERNEL, loan->cap, &meta, &base, &size, NULL);
        if (err == ERR_OK && base == memory->base && size == memory->size) {
            return loan;
        }
    }
    return NULL;
}

err_t loan_return(const struct lending *lending) {
    struct end *end = end_get(lending->channel);
    struct memory memory;
    uint64_t meta;
    if (end == NULL || end->domain != lending->domain || end->state != END_OPEN) {
        return ERR_NOT_FOUND;
    }
    TRY(kernel_identify(CAP_KERNEL, lending->cap, &meta, &memory.base, &memory.size, NULL));
    const struct loan *loan = find(end->borrowed, &memory);
    if (loan == NULL) {
        return ERR_NOT_FOUND;
    }
    capaddr_t cap = loan->cap;
    if (find(loan->next, &memory) == NULL) {
        TRY(kernel_revoke(CAP_KERNEL, cap));
    }
    (void)unhang(end, lending->channel, &end->borrowed, cap);
    slot_release(cap);
    struct peer_call call = {
        .to = end->core, .operation = PEER_RETURN, .request = {end->peer_end, end->id, memory.base, memory.size}};
    return peer_call(&call);
}

err_t loan_serve_return(const struct peer_message *request, uint64_t reply[PEER_PAYLOAD - 1]) {
    (void)reply;
    uint32_t id = (uint32_t)request->word[0];
    struct end *end = end_get(id);
    struct memory memory = {request->word[2], request->word[3]};
    if (end == NULL || end->core != request->from || end->peer_end != request->word[1]) {
        return ERR_PEER_DEAD;
    }
    const struct loan *loan = find(end->lent, &memory);
    if (loan == NULL) {
        return ERR_NOT_FOUND;
    }
    capaddr_t mark = loan->cap;
    (void)unhang(end, id, &end->lent, mark);
    slot_release(mark);
    domain_loans_returned(end->domain);
    return ERR_OK;
}

err_t loan_make(const struct lending *lending) {
    struct end *end = end_get(lending->channel);
    uint64_t meta, base, size;
    if (end == NULL || end->domain != lending->domain || end->state != END_OPEN) {
        return ERR_NOT_FOUND;
    }
    TRY(kernel_identify(CAP_KERNEL, lending->cap, &meta, &base, &size, NULL));
    if (!is_memory(meta)) {
        return ERR_CAP_TYPE;
    }
    if (meta >> 16 != this_core()) {
        return ERR_FOREIGN;
    }
    if (end->loans >= LOANS_OF_CHANNEL) {
        return ERR_NO_MEMORY;
    }
    TRY(kernel_share(CAP_KERNEL, lending->cap));
    TRY(hang(end, &end->lent, lending->cap));
    struct peer_call call = {
        .to = end->core,
        .operation = PEER_LEND,
        .request = {end->peer_end, end->id, meta & 0xffff, base, size, lending->word},
    };
    err_t err = peer_call(&call);
    if (err == ERR_OK || err == ERR_TIMEOUT) {
        return ERR_OK; /* after a time-out nobody knows: it is back when the channel has ended */
    }
    /* Refused, and nobody there has it: the caller's again, unless the channel has ended and taken it along. */
    return unhang(end, lending->channel, &end->lent, lending->cap) ? err : ERR_OK;
}

static err_t offer(const struct end *end, uint64_t word, capaddr_t cap) {
    struct lrpc_call call = {
        .operation = DOMAIN_LENT, .deadline_ms = peer_deadline_ms() / 2, .request = {end->id, word}};
    TRY(slot_alloc(&call.cap));
    err_t err = cap_copy(cap, slot_word(call.cap));
    if (err == ERR_OK) {
        err = lrpc_client_call(end->domain, &call);
    }
    capaddr_t left[] = {call.cap, call.reply_cap};
    for (unsigned i = 0; i < ARRAY_SIZE(left); i++) {
        if (left[i] != CAP_NULL) {
            slot_release(left[i]);
        }
    }
    return err;
}

err_t loan_serve(const struct peer_message *request, uint64_t reply[PEER_PAYLOAD - 1]) {
    (void)reply;
    uint32_t id = (uint32_t)request->word[0];
    struct end *end = end_get(id);
    bool known = end != NULL && end->core == request->from && end->peer_end == request->word[1];
    if (!known || end->state != END_OPEN) {
        return ERR_PEER_DEAD;
    }
    if (!is_memory(request->word[2]) || end->loans >= LOANS_OF_CHANNEL) {
        return ERR_ARGUMENT;
    }
    uint64_t meta = (request->word[2] & 0xffff) | RIGHT_GRANT << 8 | (uint64_t)request->from << 16;
    capaddr_t cap;
    TRY(slot_alloc(&cap));
    err_t err = kernel_forge(CAP_KERNEL, meta, request->word[3], request->word[4], 0, slot_word(cap));
    if (err == ERR_OK) {
        err = hang(end, &end->borrowed, cap);
    }
    if (err != ERR_OK) {
        slot_release(cap);
        return err;
    }
    err = offer(end, request->word[5], cap);
    /* Refused, it has no copy; after a time-out it may have one: then that is the channel's. */
    if (err != ERR_OK && err != ERR_TIMEOUT && unhang(end, id, &end->borrowed, cap)) {
        slot_release(cap);
    }
    return err;
}
