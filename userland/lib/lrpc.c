/* Client and server ends over the dispatcher's inbox, which is an event source here. */
#include <abi/stubs.h>
#include <skerry/event.h>
#include <skerry/held.h>
#include <skerry/log.h>
#include <skerry/lrpc.h>
#include <skerry/slots.h>
#include <skerry/string.h>
#include <skerry/time.h>

#include "lib/lrpc_internal.h"

#define RETRY_MS 5
#define REPLY_DEADLINE_MS 1000
#define LOADS 64 /* clients with requests in work */

/* A call that waits for its reply; on the caller's stack. */
struct pending {
    struct pending *next;
    struct fibre_queue queue;
    struct lrpc_call *call;
    uint32_t token;
    uint32_t badge;
    bool answered;
    bool refused;
    bool had_cap;
};

/* Requests of a client that are in work; none: this entry is free. */
struct load {
    uint64_t badge;
    unsigned requests;
};

struct work {
    struct lrpc_request request;
    struct load *load; /* NULL: not counted */
};

static struct pending *pending_calls;
static struct load loads[LOADS];
static void (*serve_request)(const struct lrpc_request *);
static uint64_t always_served;
static uint32_t last_token;
static uint32_t last_binding;
static struct lrpc_binding asking_server;                 /* whose requests are served, */
static void (*serve_server)(const struct lrpc_request *); /* by this */
static capaddr_t own_endpoint;

err_t lrpc_send(capaddr_t endpoint, capaddr_t cap, const uint64_t word[LRPC_WORDS], uint64_t deadline) {
    for (;;) {
        err_t err = dispatcher_send(endpoint, cap, word);
        if (err != ERR_BUSY) {
            return err;
        }
        if (deadline != 0 && time_now() >= deadline) {
            return ERR_TIMEOUT;
        }
        (void)notification_wait(NOTIFY_LRPC_RETRY, time_deadline(RETRY_MS));
    }
}

err_t lrpc_endpoint(uint64_t badge, unsigned rights, capaddr_t *endpoint) {
    if (own_endpoint == CAP_NULL) {
        capaddr_t slot;
        TRY(slot_alloc(&slot));
        err_t err = dispatcher_endpoint(CAP_DISPATCHER, slot_word(slot));
        if (err != ERR_OK) {
            slot_free(slot);
            return err;
        }
        own_endpoint = slot;
        held_for_good(1, 0);
    }
    capaddr_t slot;
    TRY(slot_alloc(&slot));
    err_t err = cap_mint(own_endpoint, slot_word(slot), rights, badge);
    if (err != ERR_OK) {
        slot_free(slot);
    } else {
        *endpoint = slot;
    }
    return err;
}

static void pending_remove(struct pending *pending) {
    struct pending **at = &pending_calls;
    while (*at != pending) {
        at = &(*at)->next;
    }
    *at = pending->next;
}

static err_t send_request(const struct lrpc_binding *binding, struct lrpc_call *call, uint32_t token,
                          uint64_t deadline) {
    uint64_t word[LRPC_WORDS];
    word[0] = call->operation | (uint64_t)token << 32;
    memcpy(&word[1], call->request, sizeof(call->request));
    TRY(lrpc_send(binding->endpoint, call->cap, word, deadline));
    if (call->cap != CAP_NULL) {
        slot_free(call->cap);
        call->cap = CAP_NULL;
    }
    return ERR_OK;
}

/* The server has as many of our requests as it takes. A capability has gone with the refused one. */
static err_t ask_again(const struct lrpc_binding *binding, struct pending *pending, uint64_t deadline) {
    if (pending->had_cap) {
        return ERR_BUSY;
    }
    pending->answered = pending->refused = false;
    fibre_sleep_until(time_deadline(RETRY_MS));
    return time_now() < deadline ? send_request(binding, pending->call, pending->token, deadline) : ERR_TIMEOUT;
}

err_t lrpc_call(const struct lrpc_binding *binding, struct lrpc_call *call) {
    uint64_t deadline = time_deadline(call->deadline_ms != 0 ? call->deadline_ms : LRPC_DEADLINE_MS);
    struct pending pending = {.next = pending_calls,
                              .call = call,
                              .token = ++last_token,
                              .badge = binding->badge,
                              .had_cap = call->cap != CAP_NULL};
    pending_calls = &pending;
    call->reply_cap = CAP_NULL;
    err_t err = send_request(binding, call, pending.token, deadline);
    while (err == ERR_OK && !pending.answered) {
        if (!fibre_wait(&pending.queue, deadline) && !pending.answered) {
            err = ERR_TIMEOUT;
        }
        if (pending.refused) {
            err = ask_again(binding, &pending, deadline);
        }
    }
    pending_remove(&pending);
    return err == ERR_OK ? (err_t)call->reply[0] : err;
}

err_t lrpc_client_call(uint64_t badge, struct lrpc_call *call) {
    struct lrpc_binding binding = {client_endpoint(badge), (uint32_t)badge};
    return binding.endpoint != CAP_NULL ? lrpc_call(&binding, call) : ERR_PEER_DEAD;
}

err_t lrpc_bind(capaddr_t endpoint, struct lrpc_binding *binding) {
    struct lrpc_binding made = {.endpoint = endpoint, .badge = ++last_binding | LRPC_BINDING};
    struct lrpc_call hello = {.operation = LRPC_OP_HELLO};
    TRY(lrpc_endpoint(made.badge, RIGHT_WRITE | RIGHT_GRANT, &hello.cap)); /* GRANT: it is sent */
    TRY(lrpc_call(&made, &hello));
    *binding = made;
    return ERR_OK;
}

void lrpc_serve(void (*serve)(const struct lrpc_request *request)) {
    serve_request = serve;
}

void lrpc_serve_binding(const struct lrpc_binding *binding, void (*serve)(const struct lrpc_request *request)) {
    asking_server = *binding;
    serve_server = serve;
}

void lrpc_serve_always(unsigned operation) {
    always_served |= 1ull << operation;
}

/* Who waits for an answer of that client need not wait any longer. */
void lrpc_calls_abandon(uint64_t badge) {
    for (struct pending *at = pending_calls; at != NULL; at = at->next) {
        if (at->badge == badge && !at->answered) {
            at->call->reply[0] = ERR_PEER_DEAD;
            at->answered = true;
            (void)fibre_wake(&at->queue);
        }
    }
}

/* CAP_NULL: nobody is there to answer. */
static err_t reply_by(capaddr_t endpoint, const struct lrpc_request *request, const struct lrpc_answer *answer) {
    uint64_t word[LRPC_WORDS] = {request->operation | LRPC_REPLY | (uint64_t)request->token << 32, answer->error};
    err_t err = ERR_PEER_DEAD;
    memcpy(&word[2], answer->word, MIN(answer->words, LRPC_WORDS - 2u) * sizeof(uint64_t));
    if (endpoint != CAP_NULL) {
        err = lrpc_send(endpoint, answer->cap, word, time_deadline(REPLY_DEADLINE_MS));
    }
    if (answer->cap != CAP_NULL && err == ERR_OK) {
        slot_free(answer->cap);
    } else if (answer->cap != CAP_NULL) {
        slot_release(answer->cap);
    }
    return err;
}

void lrpc_reply(const struct lrpc_request *request, const struct lrpc_answer *answer) {
    if (reply_by(client_endpoint(request->badge), request, answer) == ERR_PEER_DEAD) {
        lrpc_forget(request->badge);
    }
}

void lrpc_reply_binding(const struct lrpc_request *request, const struct lrpc_answer *answer) {
    (void)reply_by(asking_server.endpoint, request, answer);
}

void lrpc_reply_error(const struct lrpc_request *request, err_t error) {
    struct lrpc_answer answer = {.error = error};
    lrpc_reply(request, &answer);
}

static void accept_client(const struct lrpc_request *request) {
    if (request->cap == CAP_NULL || request->badge == 0) {
        return;
    }
    if (client_add(request->badge, request->cap)) {
        lrpc_reply_error(request, ERR_OK);
    } else {
        slot_release(request->cap);
    }
}

static struct load *load_find(uint64_t badge) {
    struct load *unused = NULL;
    for (unsigned i = 0; i < LOADS; i++) {
        if (loads[i].requests != 0 && loads[i].badge == badge) {
            return &loads[i];
        }
        if (loads[i].requests == 0) {
            unused = &loads[i];
        }
    }
    if (unused != NULL) {
        unused->badge = badge;
    }
    return unused;
}

static void run_request(void *argument) {
    const struct work *work = argument;
    const struct lrpc_request *request = &work->request;
    if ((request->badge & LRPC_BINDING) != 0) {
        serve_server(request);
    } else if (request->operation == LRPC_OP_HELLO) {
        accept_client(request);
    } else if (serve_request != NULL) {
        serve_request(request);
    }
    if (work->load != NULL) {
        work->load->requests--;
    }
}

/* Said at once or not at all: nothing may wait here. */
static void refuse(const struct lrpc_request *request) {
    capaddr_t client = client_endpoint(request->badge);
    uint64_t word[LRPC_WORDS] = {request->operation | LRPC_REPLY | LRPC_REFUSED | (uint64_t)request->token << 32,
                                 ERR_BUSY};
    if (request->cap != CAP_NULL) {
        slot_release(request->cap);
    }
    if (client != CAP_NULL) {
        (void)dispatcher_send(client, CAP_NULL, word);
    }
}

/* A reply counts only with the badge of the server that was asked. */
static void take_reply(const struct lrpc_message *message) {
    uint32_t token = (uint32_t)(message->word[0] >> 32);
    for (struct pending *at = pending_calls; at != NULL; at = at->next) {
        if (at->token != token || at->badge != message->badge || at->answered) {
            continue;
        }
        memcpy(at->call->reply, &message->word[1], sizeof(at->call->reply));
        at->call->reply_cap = (capaddr_t)message->slot;
        at->answered = true;
        at->refused = (message->word[0] & LRPC_REFUSED) != 0;
        (void)fibre_wake(&at->queue);
        return;
    }
    if (message->slot != CAP_NULL) {
        slot_release((capaddr_t)message->slot);
    }
}

static void take_request(const struct lrpc_message *message) {
    struct lrpc_request request = {
        .badge = message->badge,
        .operation = (uint16_t)message->word[0],
        .token = (uint32_t)(message->word[0] >> 32),
        .cap = (capaddr_t)message->slot,
    };
    memcpy(request.payload, &message->word[1], sizeof(request.payload));
    struct work work = {.request = request};
    if ((request.badge & LRPC_BINDING) != 0 && (serve_server == NULL || request.badge != asking_server.badge)) {
        return refuse(&request);
    }
    bool uncounted = (request.badge & LRPC_BINDING) != 0;
    if (!uncounted && (request.operation >= 64 || (always_served >> request.operation & 1) == 0)) {
        work.load = load_find(request.badge);
        if (work.load == NULL || work.load->requests == LRPC_CLIENT_REQUESTS) {
            return refuse(&request);
        }
    }
    if (fibre_spawn(run_request, &work, sizeof(work)) != ERR_OK) {
        refuse(&request);
    } else if (work.load != NULL) {
        work.load->requests++;
    }
}

static void arm_slots(void) {
    capaddr_t slot;
    while (slot_alloc(&slot) == ERR_OK) {
        if (!dispatcher_arm_slot(slot)) {
            slot_free(slot);
            return;
        }
    }
}

static bool inbox_poll(void) {
    struct lrpc_message message;
    bool any = false;
    while (dispatcher_take_message(&message)) {
        if ((message.word[0] & LRPC_REPLY) != 0) {
            take_reply(&message);
        } else {
            take_request(&message);
        }
        if (message.slot != CAP_NULL) {
            arm_slots();
        }
        any = true;
    }
    return any;
}

static struct event_source inbox_source = {.poll = inbox_poll};

void lrpc_init(void) {
    arm_slots();
    event_source_add(&inbox_source);
}
