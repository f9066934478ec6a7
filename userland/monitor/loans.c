/* A loan hangs at its end of the channel from before anybody is told, so that the end of the channel finds it. */
#include "monitor/loans.h"

#include <abi/stubs.h>
#include <if/monitor.h>
#include <skerry/fibre.h>
#include <skerry/heap.h>
#include <skerry/log.h>
#include <skerry/lrpc.h>
#include <skerry/slots.h>

#include "monitor/cores.h"
#include "monitor/domains.h"
#include "monitor/ends.h"
#include "monitor/machine.h"
#include "monitor/shared_objects.h"

#define LOANS_OF_CHANNEL 16

static struct recalled *held_back; /* memory that is being recalled */
static struct fibre_queue changed; /* a loan has arrived, a recall has ended */

bool loan_is_memory(uint64_t meta) {
    return (meta & 0xff) == CAP_TYPE_FRAME || (meta & 0xff) == CAP_TYPE_DEVICE;
}

static err_t hang(struct end *end, struct loan **list, capaddr_t cap) {
    struct loan *loan = calloc(1, sizeof(*loan));
    if (loan == NULL) {
        return ERR_NO_MEMORY;
    }
    *loan = (struct loan){.next = *list, .cap = cap};
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

bool memory_overlap(const struct memory *one, const struct memory *other) {
    return one->base < other->base + other->size && other->base < one->base + one->size;
}

bool memory_contains(const struct memory *outer, const struct memory *inner) {
    return inner->base >= outer->base && inner->size <= outer->size &&
           inner->base - outer->base <= outer->size - inner->size;
}

/* False: it has gone meanwhile. */
static bool memory_of(const struct loan *loan, struct memory *memory) {
    uint64_t meta;
    return kernel_identify(CAP_KERNEL, loan->cap, &meta, &memory->base, &memory->size, NULL) == ERR_OK;
}

/* Of that memory, from `from` on. */
static struct loan *find(struct loan *from, const struct memory *memory) {
    for (struct loan *loan = from; loan != NULL; loan = loan->next) {
        struct memory of;
        if (memory_of(loan, &of) && of.base == memory->base && of.size == memory->size) {
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
    err_t err = peer_call(&call);
    return err == ERR_NOT_FOUND ? ERR_OK : err; /* it was recalled meanwhile */
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
    fibre_wake_all(&changed);
    domain_loans_returned(end->domain);
    return ERR_OK;
}

static bool is_held_back(const struct memory *memory) {
    const struct recalled *at = held_back;
    while (at != NULL && !memory_overlap(&at->memory, memory)) {
        at = at->next;
    }
    return at != NULL;
}

/* Memory that may be lent now, for nobody recalls it. */
static err_t identify_lent(capaddr_t cap, uint64_t *meta, struct memory *memory) {
    TRY(kernel_identify(CAP_KERNEL, cap, meta, &memory->base, &memory->size, NULL));
    while (is_held_back(memory)) {
        (void)fibre_wait(&changed, 0);
        TRY(kernel_identify(CAP_KERNEL, cap, meta, &memory->base, &memory->size, NULL));
    }
    return ERR_OK;
}

static struct loan *loan_of(struct loan *list, capaddr_t cap) {
    while (list != NULL && list->cap != cap) {
        list = list->next;
    }
    return list;
}

static void arrived(struct end *end, uint32_t id, capaddr_t cap) {
    struct loan *loan = end_get(id) == end ? loan_of(end->lent, cap) : NULL;
    if (loan != NULL) {
        loan->arriving = false;
    }
    fibre_wake_all(&changed);
}

err_t loan_make(const struct lending *lending) {
    uint64_t meta;
    struct memory memory;
    TRY(identify_lent(lending->cap, &meta, &memory));
    struct end *end = end_get(lending->channel);
    if (end == NULL || end->domain != lending->domain || end->state != END_OPEN) {
        return ERR_NOT_FOUND;
    }
    if (!loan_is_memory(meta)) {
        return ERR_CAP_TYPE;
    }
    if (meta >> 16 != this_core()) {
        return ERR_FOREIGN;
    }
    if (shared_overlaps(&memory)) {
        return ERR_SHARED;
    }
    if (end->loans >= LOANS_OF_CHANNEL) {
        return ERR_NO_MEMORY;
    }
    TRY(kernel_share(CAP_KERNEL, lending->cap));
    TRY(hang(end, &end->lent, lending->cap));
    end->lent->arriving = true;
    struct peer_call call = {
        .to = end->core,
        .operation = PEER_LEND,
        .request = {end->peer_end, end->id, meta & 0xffff, memory.base, memory.size, lending->word},
    };
    err_t err = peer_call(&call);
    if (err == ERR_OK) {
        arrived(end, lending->channel, lending->cap);
        return ERR_OK;
    }
    if (err == ERR_TIMEOUT) {
        return ERR_OK; /* after a time-out nobody knows: it is back when the channel has ended */
    }
    /* Refused, and nobody there has it: the caller's again, unless the channel has ended and taken it along. */
    bool back = unhang(end, lending->channel, &end->lent, lending->cap);
    fibre_wake_all(&changed);
    return back ? err : ERR_OK;
}

err_t loan_offer(const struct end *end, uint64_t word, capaddr_t cap) {
    struct lrpc_call call = {
        .operation = DOMAIN_LENT, .deadline_ms = peer_deadline_ms() / 2, .request = {end->id, word}};
    TRY(slot_copy(cap, &call.cap));
    err_t err = lrpc_client_call(end->domain, &call);
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
    if (!loan_is_memory(request->word[2]) || end->loans >= LOANS_OF_CHANNEL) {
        return ERR_ARGUMENT;
    }
    struct foreign what = {
        .type = request->word[2] & 0xff,
        .rights = (request->word[2] >> 8 & 0xff) | RIGHT_GRANT,
        .owner = request->from,
        .base = request->word[3],
        .size = request->word[4],
    };
    capaddr_t cap;
    TRY(machine_forge(&what, &cap));
    err_t err = hang(end, &end->borrowed, cap);
    if (err != ERR_OK) {
        slot_release(cap);
        return err;
    }
    err = loan_offer(end, request->word[5], cap);
    /* Refused, it has no copy; after a time-out it may have one: then that is the channel's. */
    if (err != ERR_OK && err != ERR_TIMEOUT && unhang(end, id, &end->borrowed, cap)) {
        slot_release(cap);
    }
    return err;
}

/* Recalls */

void loans_hold(struct recalled *recalled) {
    recalled->next = held_back;
    held_back = recalled;
}

void loans_go_on(const struct recalled *recalled) {
    struct recalled **at = &held_back;
    while (*at != recalled) {
        at = &(*at)->next;
    }
    *at = recalled->next;
    fibre_wake_all(&changed);
}

/* The first loan of this memory, or of a part of it, in a list. */
static struct loan *find_within(struct loan *from, const struct memory *memory) {
    for (struct loan *loan = from; loan != NULL; loan = loan->next) {
        struct memory of;
        if (memory_of(loan, &of) && memory_contains(memory, &of)) {
            return loan;
        }
    }
    return NULL;
}

static bool is_arriving(const struct memory *memory) {
    for (struct end *end = end_next(NULL); end != NULL; end = end_next(end)) {
        for (struct loan *loan = find_within(end->lent, memory); loan != NULL; loan = find_within(loan->next, memory)) {
            if (loan->arriving) {
                return true;
            }
        }
    }
    return false;
}

err_t loans_settle(const struct memory *memory, uint64_t deadline) {
    while (is_arriving(memory)) {
        if (!fibre_wait(&changed, deadline)) {
            return ERR_TIMEOUT;
        }
    }
    return ERR_OK;
}

void loans_borrowers(const struct memory *memory, struct agree_set *cores) {
    *cores = (struct agree_set){};
    for (struct end *end = end_next(NULL); end != NULL; end = end_next(end)) {
        if (find_within(end->lent, memory) != NULL) {
            agree_add(cores, end->core);
        }
    }
}

bool loans_overlap(const struct memory *memory) {
    for (struct end *end = end_next(NULL); end != NULL; end = end_next(end)) {
        for (const struct loan *loan = end->lent; loan != NULL; loan = loan->next) {
            struct memory of;
            if (memory_of(loan, &of) && memory_overlap(memory, &of)) {
                return true;
            }
        }
    }
    return false;
}

void loans_returned(const struct memory *memory, const struct agree_set *cores) {
    for (struct end *end = end_next(NULL); end != NULL; end = end_next(end)) {
        struct loan *loan = agree_has(cores, end->core) ? find_within(end->lent, memory) : NULL;
        uint32_t domain = end->domain;
        bool any = loan != NULL;
        for (; loan != NULL; loan = find_within(end->lent, memory)) {
            capaddr_t mark = loan->cap;
            (void)unhang(end, end->id, &end->lent, mark);
            slot_release(mark);
        }
        if (any) {
            domain_loans_returned(domain);
        }
    }
}

/* Loans of the same memory are copies: revoking one empties the others' slots. */
static void revoke_within(const struct end *end, const struct memory *memory) {
    for (struct loan *loan = find_within(end->borrowed, memory); loan != NULL; loan = find_within(loan->next, memory)) {
        err_t err = kernel_revoke(CAP_KERNEL, loan->cap);
        if (err != ERR_OK) {
            log_line("what core %u recalls cannot be revoked: %s", end->core, err_name(err));
        }
    }
}

static void drop_within(struct end *end, const struct memory *memory) {
    for (struct loan *loan = end->borrowed, *next; loan != NULL; loan = next) {
        struct memory of;
        next = loan->next;
        if (!memory_of(loan, &of) || memory_contains(memory, &of)) {
            capaddr_t cap = loan->cap;
            (void)unhang(end, end->id, &end->borrowed, cap);
            slot_release(cap);
        }
    }
}

void loans_revoke_borrowed(coreid_t owner, const struct memory *memory) {
    for (struct end *end = end_next(NULL); end != NULL; end = end_next(end)) {
        if (end->core == owner) {
            revoke_within(end, memory);
        }
    }
    for (struct end *end = end_next(NULL); end != NULL; end = end_next(end)) {
        if (end->core == owner) {
            drop_within(end, memory);
        }
    }
}
