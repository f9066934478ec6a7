/* An operation's arguments: COPY size, type | rights << 8; RETYPE offset, size; and the asker's ticket. */
#include "monitor/shared_caps.h"

#include <abi/stubs.h>
#include <skerry/fibre.h>
#include <skerry/log.h>
#include <skerry/slots.h>
#include <skerry/time.h>

#include "monitor/agreement.h"
#include "monitor/cores.h"
#include "monitor/ends.h"
#include "monitor/machine.h"
#include "monitor/shared_ends.h"
#include "monitor/shared_objects.h"

#define PATIENCE 5 /* times a peer's deadline, for a place in the window and for those who came before */

enum { ARGUMENT_OFFSET, ARGUMENT_SIZE = ARGUMENT_OFFSET + 1, ARGUMENT_TICKET };
enum { ARGUMENT_BYTES = ARGUMENT_OFFSET, ARGUMENT_META };

/* Who waits for a change, for as long as it waits. */
struct asker {
    struct asker *next;
    uint64_t ticket;
    capaddr_t cap;
    uint64_t type, rights; /* of a retype; of what a revoke leaves */
    capaddr_t made;
    err_t result;
};

static struct asker *askers;
static uint64_t last_ticket;
static struct fibre_queue changed; /* a transaction about an object has ended here */

static struct asker *asker_find(uint64_t ticket) {
    struct asker *asker = askers;
    while (asker != NULL && asker->ticket != ticket) {
        asker = asker->next;
    }
    return asker;
}

static void asker_remove(const struct asker *asker) {
    struct asker **at = &askers;
    while (*at != asker) {
        at = &(*at)->next;
    }
    *at = asker->next;
}

/* The engine's client */

static err_t begin(void *context, struct agree_request *request) {
    struct owner_operation operation;
    (void)context;
    if (!owner_read(&shared_owners, request->op, &operation)) {
        return ERR_ARGUMENT;
    }
    const struct asker *asker = asker_find(operation.argument[ARGUMENT_TICKET]);
    if (asker != NULL) {
        TRY(kernel_identify(CAP_KERNEL, asker->cap, NULL, NULL, NULL, NULL));
    }
    return owner_begin(&shared_owners, request);
}

static err_t refuses(void *context, const struct owner_operation *operation) {
    struct shared_object *object = shared_find(operation->name);
    (void)context;
    bool busy = object != NULL &&
                (operation->change == OWNER_RETYPE
                     ? shared_is_busy(object, operation->argument[ARGUMENT_OFFSET], operation->argument[ARGUMENT_SIZE])
                     : shared_is_used(object));
    return busy ? ERR_RETYPE_BUSY : ERR_OK;
}

static err_t prepare(void *context, const struct agree_work *work, uint64_t *holder) {
    struct owner_operation operation;
    (void)context;
    TRY(owner_prepare(&shared_owners, work, holder));
    (void)owner_read(&shared_owners, work->op[0], &operation);
    if (owner_find(&shared_owners, operation.name) != NULL) {
        return ERR_OK;
    }
    struct memory memory = {operation.name, operation.argument[ARGUMENT_BYTES]};
    err_t err = shared_join(&memory, operation.argument[ARGUMENT_META]);
    if (err != ERR_OK) {
        (void)owner_finish(&shared_owners, work, AGREE_ABORT);
    }
    return err;
}

static err_t retype(const struct asker *asker, const uint64_t argument[OWNER_ARGUMENTS]) {
    return kernel_retype(CAP_KERNEL, asker->cap, asker->type, argument[ARGUMENT_OFFSET], argument[ARGUMENT_SIZE], 1,
                         slot_word(asker->made));
}

/* Agreed, and still locked everywhere. */
static void act(struct shared_object *object, const struct owner_operation *operation) {
    bool ours = operation->target == this_core();
    struct asker *asker = ours ? asker_find(operation->argument[ARGUMENT_TICKET]) : NULL;
    if (operation->change == OWNER_REVOKE) {
        shared_revoke(object);
        if (asker != NULL) {
            asker->result = shared_copy(object, asker->rights, &asker->made);
        }
    } else if (operation->change == OWNER_RETYPE && asker != NULL) {
        asker->result = retype(asker, operation->argument);
    } else if (operation->change == OWNER_COPY && ours) {
        object->spared_until = time_deadline(PATIENCE * peer_deadline_ms());
    }
}

static err_t finish(void *context, const struct agree_work *work, enum agree_end end) {
    struct owner_operation operation;
    (void)context;
    if (!owner_locked(&shared_owners, work) || !owner_read(&shared_owners, work->op[0], &operation)) {
        return ERR_OK;
    }
    struct shared_object *object = shared_find(operation.name);
    if (end == AGREE_COMMIT && object != NULL) {
        act(object, &operation);
    }
    bool look = operation.change != OWNER_RETYPE || object == NULL || object->look_after;
    (void)owner_finish(&shared_owners, work, end);
    if (object != NULL && owner_find(&shared_owners, operation.name) == NULL) {
        struct memory memory = object->memory;
        shared_drop(object);
        shared_end_dropped(&operation, memory, work);
    }
    if (look) {
        shared_ends_look();
    }
    fibre_wake_all(&changed);
    return ERR_OK;
}

static void note(void *context, unsigned from, const uint64_t op[AGREE_WORDS]) {
    (void)context, (void)op;
    log_line("core %u sent a note about owners: there are none", from);
}

static void viewed(void *context, const struct agree_set *dead, const struct agree_set *joined) {
    (void)context, (void)dead, (void)joined;
    owner_viewed(&shared_owners);
    shared_ends_look();
}

static const struct agree_client client = {
    .begin = begin,
    .prepare = prepare,
    .finish = finish,
    .done = agreement_done,
    .note = note,
    .view = viewed,
};

void shared_caps_init(void) {
    agreement_register(AGREEMENT_OWNERS, &client);
}

void shared_caps_begin(void) {
    shared_owners.refuses = refuses;
    owner_init(&shared_owners, agreement(), AGREEMENT_OWNERS);
}

/* Changes */

static err_t submit(const struct owner_wish *wish) {
    struct agree_request request;
    TRY(owner_request(&shared_owners, wish, &request));
    request.deadline = time_deadline(PATIENCE * peer_deadline_ms());
    return agreement_do(&request);
}

/* With the asker's ticket, which shows a capability. What is not there has been revoked. */
static err_t ask(struct owner_wish *wish, struct asker *asker) {
    asker->ticket = ++last_ticket;
    asker->next = askers;
    askers = asker;
    wish->argument[ARGUMENT_TICKET] = asker->ticket;
    err_t err = submit(wish);
    asker_remove(asker);
    return err == ERR_NOT_FOUND ? ERR_CAP_EMPTY : err;
}

err_t shared_change(enum owner_change change, uint64_t base) {
    struct owner_wish wish = {.change = change, .name = base};
    return submit(&wish);
}

static err_t object_to_grant(capaddr_t cap, struct shared_object **object, uint64_t *rights) {
    TRY(shared_of_cap(cap, object, rights));
    return (*rights & RIGHT_GRANT) != 0 ? ERR_OK : ERR_CAP_RIGHTS;
}

static bool holds(uint64_t base, coreid_t core) {
    const struct owner_object *object = owner_find(&shared_owners, base);
    return object != NULL && agree_has(&object->holders, core);
}

static err_t copy_to(coreid_t core, const struct shared_object *object, capaddr_t cap) {
    struct owner_wish wish = {
        .change = OWNER_COPY,
        .target = core,
        .name = object->memory.base,
        .argument = {[ARGUMENT_BYTES] = object->memory.size, [ARGUMENT_META] = object->meta},
    };
    struct asker asker = {.cap = cap};
    err_t err = ask(&wish, &asker);
    return err == ERR_ARGUMENT && holds(wish.name, core) ? ERR_OK : err; /* it got one meanwhile */
}

err_t shared_send(const struct shared_sending *sending) {
    struct shared_object *object;
    uint64_t rights;
    TRY(object_to_grant(sending->cap, &object, &rights));
    uint64_t base = object->memory.base;
    struct end *end = end_get(sending->channel);
    if (end == NULL || end->domain != sending->domain || end->state != END_OPEN) {
        return ERR_NOT_FOUND;
    }
    coreid_t core = end->core;
    struct peer_call call = {
        .to = core, .operation = PEER_OFFER, .request = {end->peer_end, end->id, base, rights, sending->word}};
    if (!holds(base, core)) {
        TRY(copy_to(core, object, sending->cap));
    }
    return peer_call(&call);
}

/* Nothing is under way about it, so what it has here is what it will have. NULL: it is gone. */
static struct shared_object *settled(uint64_t base) {
    uint64_t deadline = time_deadline(peer_deadline_ms() / 4);
    const struct owner_object *owned = owner_find(&shared_owners, base);
    while (owned != NULL && owned->by.number != 0 && fibre_wait(&changed, deadline)) {
        owned = owner_find(&shared_owners, base);
    }
    return owned != NULL && owned->by.number == 0 ? shared_find(base) : NULL;
}

err_t shared_serve_offer(const struct peer_message *request, uint64_t reply[PEER_PAYLOAD - 1]) {
    (void)reply;
    const struct shared_object *object = settled(request->word[2]);
    const struct end *end = end_get((uint32_t)request->word[0]);
    bool known = end != NULL && end->core == request->from && end->peer_end == request->word[1];
    if (!known || end->state != END_OPEN) {
        return ERR_PEER_DEAD;
    }
    if (object == NULL) {
        return ERR_CAP_EMPTY; /* it was revoked on the way */
    }
    capaddr_t cap;
    TRY(shared_copy(object, request->word[3], &cap));
    err_t err = loan_offer(end, request->word[4], cap);
    slot_release(cap);
    shared_end_given(request->word[2]);
    return err;
}

err_t shared_retype(const struct shared_retyping *retyping, capaddr_t *made) {
    struct shared_object *object;
    uint64_t rights;
    TRY(shared_of_cap(retyping->cap, &object, &rights));
    struct owner_wish wish = {
        .change = OWNER_RETYPE,
        .name = object->memory.base,
        .argument = {[ARGUMENT_OFFSET] = retyping->offset, [ARGUMENT_SIZE] = retyping->size},
    };
    struct asker asker = {.cap = retyping->cap, .type = retyping->type};
    TRY(slot_alloc(&asker.made));
    err_t err = ask(&wish, &asker);
    err = err == ERR_OK ? asker.result : err;
    if (err != ERR_OK) {
        slot_free(asker.made);
        return err;
    }
    *made = asker.made;
    return ERR_OK;
}

err_t shared_revoke_all(capaddr_t cap, capaddr_t *again) {
    struct shared_object *object;
    uint64_t rights;
    TRY(object_to_grant(cap, &object, &rights));
    struct owner_wish wish = {.change = OWNER_REVOKE, .name = object->memory.base};
    struct asker asker = {.cap = cap, .rights = rights};
    TRY(ask(&wish, &asker));
    TRY(asker.result);
    *again = asker.made;
    return ERR_OK;
}

err_t shared_move(capaddr_t cap, coreid_t core) {
    struct shared_object *object;
    uint64_t rights;
    TRY(object_to_grant(cap, &object, &rights));
    struct owner_wish wish = {.change = OWNER_MOVE, .target = core, .name = object->memory.base};
    struct asker asker = {.cap = cap};
    return ask(&wish, &asker);
}

err_t shared_info(capaddr_t cap, struct owner_object *info) {
    struct shared_object *object;
    uint64_t rights;
    TRY(shared_of_cap(cap, &object, &rights));
    const struct owner_object *owned = owner_find(&shared_owners, object->memory.base);
    if (owned == NULL) {
        return ERR_CAP_EMPTY;
    }
    *info = *owned;
    return ERR_OK;
}
