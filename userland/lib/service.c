/* Clients and their calls, whichever way these come; service_lrpc.c brings them. */
#include <skerry/service.h>

#include <skerry/bind.h>
#include <skerry/heap.h>
#include <skerry/print.h>
#include <skerry/string.h>

#include "lib/fibre_internal.h"
#include "lib/lrpc_internal.h"
#include "lib/rpc.h"
#include "lib/service_internal.h"

#define SMALL_REPLY 16

static struct service *services[SERVICES_MAX];
static unsigned service_count;

err_t service_export(struct service *service) {
    PINNED();
    if (service_count == SERVICES_MAX) {
        return ERR_NO_MEMORY;
    }
    service->name = service->name != NULL ? service->name : service->interface->service;
    service->calls = service->calls != 0 ? service->calls : SERVICE_CALLS;
    service->index = (uint16_t)service_count;
    services[service_count++] = service;
    service_local_init();
    return service_lrpc_export(service);
}

int service_main(struct service *service) {
    err_t err = service_export(service);
    if (err != ERR_OK) {
        (void)console_print("%s: not offered: %s\n", service->name, err_doc(err));
        return 1;
    }
    event_loop();
}

struct service *service_at(unsigned index) {
    return index < service_count ? services[index] : NULL;
}

struct service *service_named(const char *name) {
    for (unsigned i = 0; i < service_count; i++) {
        if (strcmp(services[i]->name, name) == 0) {
            return services[i];
        }
    }
    return NULL;
}

uint32_t service_longest(uint16_t operation) {
    const struct service *service = service_at(RPC_INDEX(operation));
    const struct service_operation *known =
        service != NULL ? service_operation_of(service, RPC_NUMBER(operation)) : NULL;
    return known != NULL ? known->request_words : 0;
}

const struct service_operation *service_operation_of(const struct service *service, unsigned number) {
    const struct service_interface *interface = service->interface;
    bool known = number < interface->count && interface->operations[number].run != NULL;
    return known ? &interface->operations[number] : NULL;
}

/* The service of that name, if it has this version of the interface. */
static err_t find(const uint64_t *open, struct service **found) {
    char name[RPC_NAME_BYTES + 1] = {0};
    memcpy(name, &open[2], RPC_NAME_BYTES);
    struct service *service = service_named(name);
    if (service == NULL) {
        return ERR_NOT_FOUND;
    }
    *found = service;
    return service->interface->version == open[0] && service->interface->hash == open[1] ? ERR_OK : ERR_FORMAT;
}

err_t service_client_make(struct service *service, uint64_t domain, struct service_client **made) {
    struct service_client *client = calloc(1, sizeof(*client));
    if (client == NULL) {
        return ERR_NO_MEMORY;
    }
    client->service = service;
    client->domain = domain;
    err_t err = service->bound != NULL ? service->bound(client) : ERR_OK;
    if (err != ERR_OK) {
        free(client);
        return err;
    }
    *made = client;
    return ERR_OK;
}

err_t service_open(const uint64_t *open, uint64_t domain, struct service_client **client) {
    struct service *service;
    TRY(find(open, &service));
    return service_client_make(service, domain, client);
}

void service_client_leave(struct service_client *client) {
    if (--client->users == 0 && client->gone) {
        service_bulk_drop(client);
        free(client);
    }
}

static void tell_server(void *argument) {
    struct service_client *client = *(struct service_client **)argument;
    if (client->service->ended != NULL) {
        client->service->ended(client, client->why);
    }
    service_client_leave(client);
}

static void cancel(struct service_call *call) {
    call->cancelled = true;
    fibre_wake_all(&call->cancellation);
}

void service_client_gone(struct service_client *client, err_t why) {
    client->gone = true;
    client->why = why;
    for (struct service_call *call = client->calls; call != NULL; call = call->next) {
        cancel(call);
    }
    client->users++;
    if (fibre_spawn(tell_server, &client, sizeof(struct service_client *)) != ERR_OK) {
        service_client_leave(client); /* no memory for a fibre: the server finds its calls cancelled */
    }
}

void service_cancel(struct service_client *client, uint32_t token) {
    for (struct service_call *call = client->calls; call != NULL; call = call->next) {
        if (call->token == token) {
            return cancel(call);
        }
    }
}

static void call_begin(struct service_call *call) {
    struct service_client *client = call->client;
    call->next = client->calls;
    if (call->next != NULL) {
        call->next->before = call;
    }
    client->calls = call;
    client->users++;
}

static void call_end(struct service_call *call) {
    *(call->before != NULL ? &call->before->next : &call->client->calls) = call->next;
    if (call->next != NULL) {
        call->next->before = call->before;
    }
    if (call->client->calls == NULL) {
        fibre_wake_all(&call->client->quiet);
    }
}

/* A call in its fibre. */
struct running {
    struct service_call *call;
    const struct service_operation *operation;
    void (*answer)(const struct service_call *, err_t);
    uint64_t *large;
    err_t err; /* CANCELLED: a fault ended the server's function */
};

/* Of what came along and what is to go back, whoever has it. */
static void settle_caps(struct service_call *call, const struct service_operation *operation, err_t err) {
    if (call->cap != CAP_NULL && (err != ERR_OK || !operation->takes_cap)) {
        lrpc_slot_release(call->cap);
    }
    if (call->reply_cap != CAP_NULL && err != ERR_OK) {
        lrpc_slot_release(call->reply_cap);
        call->reply_cap = CAP_NULL;
    }
}

static void finish(void *argument) {
    const struct running *running = argument;
    struct service_call *call = running->call;
    call_end(call);
    settle_caps(call, running->operation, running->err);
    if (running->operation->answered && !call->cancelled) {
        running->answer(call, running->err);
    } else if (call->reply_cap != CAP_NULL) {
        lrpc_slot_release(call->reply_cap);
    }
    free(running->large);
    service_client_leave(call->client);
}

void service_run(struct service_call *call, const struct service_operation *operation,
                 void (*answer)(const struct service_call *, err_t)) {
    uint64_t small[SMALL_REPLY];
    struct fibre_guard guard;
    struct running running = {.call = call, .operation = operation, .answer = answer, .err = ERR_CANCELLED};
    if (operation->reply_words > SMALL_REPLY) {
        running.large = malloc(operation->reply_words * sizeof(uint64_t));
    }
    call->reply = running.large != NULL ? running.large : small;
    call_begin(call);
    fibre_guard(&guard, finish, &running);
    bool no_room = operation->reply_words > SMALL_REPLY && running.large == NULL;
    running.err = no_room ? ERR_NO_MEMORY : operation->run(call);
    fibre_guard_pass(fibre_current);
}

bool service_wait(struct service_call *call, struct fibre_queue *queue, uint64_t deadline) {
    struct fibre_queue *const queues[] = {queue, &call->cancellation};
    return !call->cancelled && fibre_wait_any(queues, 2, deadline) == 0;
}

void service_give_back(struct service_call *call, capaddr_t cap) {
    PINNED();
    struct service_client *client = call->client;
    if (client->bound == NULL || client->gone) {
        lrpc_slot_release(cap);
    } else {
        (void)bind_return_cap(client->bound, cap);
    }
}
