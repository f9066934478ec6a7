/* Calls of a service by its own domain, which can send itself no LRPC: each still runs in a fibre of its own, with a deadline,
   and sees copies of the words. Only who offers a service has this. */
#include <skerry/domain.h>
#include <skerry/heap.h>
#include <skerry/slots.h>
#include <skerry/string.h>

#include "lib/binding_internal.h"
#include "lib/fibre_internal.h"
#include "lib/service_internal.h"

struct work {
    struct service_client *client;
    const struct service_operation *operation;
    uint64_t *word; /* the words are freed with the fibre */
    uint32_t words, token;
    capaddr_t cap;
    uint64_t from;
};

struct local_call {
    struct service_call call; /* first */
    uint64_t from;
};

static void answer(const struct service_call *call, err_t err) {
    struct call_part part = {
        .from = ((const struct local_call *)(const void *)call)->from,
        .token = call->token,
        .total = err == ERR_OK ? call->reply_words : 0,
        .words = err == ERR_OK ? call->reply_words : 0,
        .word = call->reply,
        .err = err,
        .cap = call->reply_cap,
    };
    if (!calls_answer(&part) && call->reply_cap != CAP_NULL) {
        slot_release(call->reply_cap);
    }
}

static void work_ended(void *argument) {
    const struct work *work = argument;
    free(work->word);
    service_client_leave(work->client);
}

static void run(void *argument) {
    const struct work *work = argument;
    struct fibre_guard guard;
    fibre_guard(&guard, work_ended, argument);
    struct local_call call = {.from = work->from};
    call.call.client = work->client;
    call.call.request = work->word;
    call.call.request_words = work->words;
    call.call.token = work->token;
    call.call.cap = work->cap;
    service_run(&call.call, work->operation, answer);
    fibre_guard_pass(fibre_current);
}

static err_t start(struct binding *binding, struct binding_call *call, uint32_t token) {
    struct service_client *client = binding->local;
    struct work work = {
        .client = client,
        .operation = service_operation_of(client->service, call->operation),
        .words = call->request_words,
        .token = token,
        .cap = call->cap,
        .from = (uint64_t)binding,
    };
    if (work.operation == NULL) {
        return ERR_UNSUPPORTED;
    }
    work.word = malloc(MAX(work.words, 1u) * sizeof(uint64_t));
    if (work.word == NULL) {
        return ERR_NO_MEMORY;
    }
    memcpy(work.word, call->request, work.words * sizeof(uint64_t));
    err_t err = fibre_spawn(run, &work, sizeof(work));
    if (err != ERR_OK) {
        free(work.word);
        return err;
    }
    client->users++;
    call->cap = CAP_NULL;
    return ERR_OK;
}

static err_t converse(struct binding *binding, struct binding_call *call, struct call_wait *wait) {
    TRY(start(binding, call, wait->token));
    if (wait->state == CALL_WAITING && !fibre_wait(&wait->queue, call->deadline) && wait->state == CALL_WAITING) {
        return ERR_TIMEOUT;
    }
    return wait->err;
}

static err_t send(struct binding *binding, struct binding_call *message) {
    return start(binding, message, 0);
}

static void cancel(struct binding *binding, uint32_t token) {
    service_cancel(binding->local, token);
}

static void unbind(struct binding *binding) {
    service_client_gone(binding->local, ERR_CANCELLED);
}

static const struct binding_transport transport = {converse, send, cancel, unbind, unbind};

static err_t open(struct binding *binding, const char *name) {
    struct service *service = service_named(name);
    struct service_client *client;
    if (service == NULL) {
        return ERR_NOT_FOUND;
    }
    if (service->interface->version != binding->interface->version ||
        service->interface->hash != binding->interface->hash) {
        return ERR_FORMAT;
    }
    const struct domain_args *own = domain_args();
    TRY(service_client_make(service, own != NULL ? own->domain : 0, &client));
    binding->local = client;
    return ERR_OK;
}

void service_local_init(void) {
    binding_local = &transport;
    binding_local_open = open;
}
