/* The server's end: clients, by badge and by their own number for the binding; requests, each in a fibre; answers. */
#include <abi/stubs.h>
#include <skerry/heap.h>
#include <skerry/slots.h>
#include <skerry/string.h>
#include <skerry/time.h>
#include <skerry/timer.h>

#include "lib/fibre_internal.h"
#include "lib/lrpc_internal.h"
#include "lib/pieces.h"

#define REPLY_DEADLINE_MS 1000
#define REFUSE_AGAIN_MS 5
#define REFUSALS 64
#define BUCKETS 64
#define CLIENTS_MAX 4096
#define BINDINGS_MAX 16 /* of one client */

struct work {
    struct lrpc_request request;
    bool counted;
};

static struct lrpc_client *clients[BUCKETS];
static unsigned client_count;
static void (*serve_request)(const struct lrpc_request *);
static struct lrpc_binding asking_server;                 /* whose requests are served, */
static void (*serve_server)(const struct lrpc_request *); /* by this */
static uint64_t always_served;
struct lrpc_hooks lrpc_hooks;
uint32_t lrpc_client_requests = LRPC_CLIENT_REQUESTS;
_Static_assert(sizeof(struct work) <= FIBRE_ARGUMENT_SIZE, "work is a fibre's argument");

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

static struct lrpc_client **bucket_of(uint64_t badge) {
    return &clients[(badge ^ badge >> 16) % BUCKETS];
}

/* Any binding of the client, or the one with this number. */
static struct lrpc_client *client_find(uint64_t badge, int number) {
    struct lrpc_client *at = *bucket_of(badge);
    while (at != NULL && (at->badge != badge || (number >= 0 && at->number != number))) {
        at = at->next;
    }
    return at;
}

/* An endpoint goes with its dispatcher's memory, wherever its capabilities lie. */
bool lrpc_endpoint_gone(capaddr_t endpoint) {
    capaddr_t slot;
    err_t err = slot_copy(endpoint, &slot);
    if (err == ERR_OK) {
        slot_release(slot);
    }
    return err == ERR_CAP_EMPTY;
}

void lrpc_server_ended(void) {
    PINNED();
    calls_check(lrpc_endpoint_gone);
}

bool lrpc_client_gone(uint64_t badge) {
    const struct lrpc_client *client = client_find(badge, -1);
    return client == NULL || lrpc_endpoint_gone(client->endpoint);
}

static void client_free(struct lrpc_client *client) {
    if (client->gone && client->requests == 0) {
        free(client);
    }
}

void lrpc_client_drop(struct lrpc_client *client, err_t why) {
    struct lrpc_client **at = bucket_of(client->badge);
    while (*at != client) {
        at = &(*at)->next;
    }
    *at = client->next;
    client_count--;
    client->gone = true;
    slot_release(client->endpoint);
    pieces_drop_all(&client->pieces);
    if (lrpc_hooks.gone != NULL) {
        lrpc_hooks.gone(client, why);
    }
    client_free(client);
}

void lrpc_forget(uint64_t badge) {
    struct lrpc_client *client;
    while ((client = client_find(badge, -1)) != NULL) {
        lrpc_client_drop(client, ERR_PEER_DEAD);
    }
    calls_abandon(badge, ERR_PEER_DEAD);
}

err_t lrpc_client_call(uint64_t badge, struct lrpc_call *call) {
    const struct lrpc_client *client = client_find(badge, -1);
    struct lrpc_binding binding = {.badge = (uint32_t)badge};
    if (client == NULL) {
        return ERR_PEER_DEAD;
    }
    binding.endpoint = client->endpoint;
    return lrpc_call(&binding, call);
}

static unsigned bindings_of(uint64_t badge) {
    unsigned count = 0;
    for (const struct lrpc_client *at = *bucket_of(badge); at != NULL; at = at->next) {
        count += at->badge == badge;
    }
    return count;
}

/* Where nobody says that a client has ended, it is found when there are too many. */
static void drop_dead(void) {
    for (unsigned i = 0; i < BUCKETS; i++) {
        struct lrpc_client *at = clients[i], *next;
        for (; at != NULL; at = next) {
            next = at->next;
            if (lrpc_endpoint_gone(at->endpoint)) {
                lrpc_client_drop(at, ERR_PEER_DEAD);
            }
        }
    }
}

/* A second hello for the same binding begins it anew; what is in work for the first still counts. */
static void client_again(struct lrpc_client *client, capaddr_t endpoint) {
    slot_release(client->endpoint);
    client->endpoint = endpoint;
    pieces_drop_all(&client->pieces);
    if (lrpc_hooks.gone != NULL) {
        lrpc_hooks.gone(client, ERR_CANCELLED);
    }
}

static struct lrpc_client *client_add(const struct lrpc_request *request) {
    if (client_count == CLIENTS_MAX) {
        drop_dead();
    }
    if (client_count == CLIENTS_MAX || bindings_of(request->badge) >= BINDINGS_MAX) {
        return NULL;
    }
    struct lrpc_client *client = calloc(1, sizeof(*client));
    if (client == NULL) {
        return NULL;
    }
    struct lrpc_client **bucket = bucket_of(request->badge);
    client->next = *bucket;
    client->badge = request->badge;
    client->number = request->number;
    client->endpoint = request->cap;
    client_count++;
    return *bucket = client;
}

static uint64_t reply_head(const struct lrpc_request *request) {
    return request->operation | LRPC_REPLY | (uint64_t)request->token << 32;
}

/* CAP_NULL: nobody is there to answer. */
static err_t reply_to(capaddr_t endpoint, const struct lrpc_request *request, const struct lrpc_answer *answer) {
    struct lrpc_outgoing out = {.endpoint = endpoint,
                                .cap = answer->cap,
                                .head = reply_head(request),
                                .second = answer->error,
                                .is_reply = true,
                                .word = answer->word,
                                .words = answer->words,
                                .deadline = time_deadline(REPLY_DEADLINE_MS)};
    events_rest();
    err_t err = endpoint != CAP_NULL ? lrpc_send_all(&out) : ERR_PEER_DEAD;
    if (out.cap == CAP_NULL) {
        return err;
    }
    lrpc_slot_release(out.cap);
    /* The capability was revoked meanwhile, or the endpoint: in the first case somebody waits all the same. */
    struct lrpc_answer revoked = {.error = err};
    return err == ERR_CAP_EMPTY ? reply_to(endpoint, request, &revoked) : err;
}

void lrpc_reply(const struct lrpc_request *request, const struct lrpc_answer *answer) {
    PINNED();
    struct lrpc_client *client = client_find(request->badge, request->number != 0 ? request->number : -1);
    if (reply_to(client != NULL ? client->endpoint : CAP_NULL, request, answer) == ERR_PEER_DEAD) {
        lrpc_forget(request->badge);
    }
}

void lrpc_reply_binding(const struct lrpc_request *request, const struct lrpc_answer *answer) {
    PINNED();
    (void)reply_to(asking_server.endpoint, request, answer);
}

void lrpc_reply_error(const struct lrpc_request *request, err_t error) {
    lrpc_reply(request, &(struct lrpc_answer){.error = error});
}

static void request_ended(void *argument) {
    const struct work *work = argument;
    const struct lrpc_request *request = &work->request;
    free(request->whole);
    if (work->counted) {
        request->client->requests--;
        client_free(request->client);
    }
}

static void run_request(void *argument) {
    const struct work *work = argument;
    const struct lrpc_request *request = &work->request;
    struct fibre_guard guard;
    fibre_guard(&guard, request_ended, argument);
    if ((request->badge & LRPC_BINDING) != 0) {
        serve_server(request);
    } else if (request->operation == LRPC_OP_HELLO) {
        lrpc_reply_error(request, ERR_OK);
    } else if (serve_request != NULL) {
        serve_request(request);
    }
    fibre_guard_pass(fibre_current);
}

/* Said at once or not at all: nothing may wait here. */
static err_t answer_now(const struct lrpc_request *request, capaddr_t cap, uint64_t flags, err_t err) {
    uint64_t word[LRPC_WORDS] = {reply_head(request) | flags, err};
    return request->client != NULL ? dispatcher_send(request->client->endpoint, cap, word) : ERR_PEER_DEAD;
}

static void drop_cap(const struct lrpc_request *request) {
    if (request->cap != CAP_NULL) {
        lrpc_slot_release(request->cap);
    }
}

/* The capability goes back, so that it can be offered again. False: the client cannot take it now. */
static bool try_refuse(const struct lrpc_request *request) {
    err_t err = answer_now(request, request->cap, LRPC_REFUSED, ERR_BUSY);
    if (err == ERR_BUSY || err == ERR_NOT_READY) {
        return false;
    }
    if (err != ERR_OK) {
        drop_cap(request);
    } else if (request->cap != CAP_NULL) {
        lrpc_slot_free(request->cap);
    }
    return true;
}

/* Those that clients could not take: a refusal that is lost would cost its caller the whole deadline. */
static struct lrpc_request refusals[REFUSALS];
static unsigned refusal_count;
static struct timer refusal_timer;

static void refuse_again(struct timer *timer) {
    unsigned left = 0;
    for (unsigned i = 0; i < refusal_count; i++) {
        struct lrpc_request *request = &refusals[i];
        request->client = client_find(request->badge, request->number != 0 ? request->number : -1);
        if (!try_refuse(request)) {
            refusals[left++] = *request;
        }
    }
    refusal_count = left;
    if (left > 0) {
        timer_start(timer, time_deadline(REFUSE_AGAIN_MS));
    }
}

static void refuse(const struct lrpc_request *request) {
    free(request->whole);
    if (try_refuse(request)) {
        return;
    }
    if (refusal_count == REFUSALS) {
        return drop_cap(request);
    }
    refusals[refusal_count++] = *request;
    refusal_timer.run = refuse_again;
    timer_start(&refusal_timer, time_deadline(REFUSE_AGAIN_MS));
}

static void refuse_for_good(const struct lrpc_request *request, err_t err) {
    drop_cap(request);
    (void)answer_now(request, CAP_NULL, 0, err);
}

/* Also what our own server asks. */
static bool is_always_served(const struct lrpc_request *request) {
    if ((request->badge & LRPC_BINDING) != 0) {
        return serve_server != NULL && request->badge == asking_server.badge;
    }
    return request->operation != LRPC_OP_HELLO && request->operation < 64 &&
           (always_served >> request->operation & 1) != 0;
}

static void start(const struct lrpc_request *request) {
    struct work work = {.request = *request, .counted = !is_always_served(request)};
    if (work.counted && request->client->requests >= lrpc_client_requests) {
        return refuse(request);
    }
    if (fibre_spawn(run_request, &work, sizeof(work)) != ERR_OK) {
        refuse(request);
    } else if (work.counted) {
        request->client->requests++;
    }
}

static void take_hello(struct lrpc_request *request) {
    if (request->cap == CAP_NULL || request->badge == 0) {
        return refuse_for_good(request, ERR_ARGUMENT);
    }
    if (request->client != NULL) {
        client_again(request->client, request->cap);
    } else {
        request->client = client_add(request);
    }
    if (request->client == NULL) {
        return slot_release(request->cap);
    }
    request->cap = CAP_NULL;
    start(request);
}

/* Only the first piece is refused, and once: so that asking again never meets the answer to an earlier try. */
static void take_piece(struct lrpc_request *request, const struct lrpc_message *message) {
    struct lrpc_client *client = request->client;
    struct piece piece = {.token = request->token, .word = &message->word[2], .cap = request->cap};
    struct pieces *whole = NULL;
    piece.total = LRPC_LONG_TOTAL(message->word[1]);
    piece.offset = LRPC_LONG_OFFSET(message->word[1]);
    piece.words = MIN(piece.total - MIN(piece.total, piece.offset), (uint32_t)LRPC_PIECE);
    if (piece.offset == 0 && client->requests + pieces_count(client->pieces) >= lrpc_client_requests) {
        return refuse(request);
    }
    bool fits = lrpc_hooks.longest != NULL && piece.total <= lrpc_hooks.longest(request->operation);
    err_t err = fits ? pieces_add(&client->pieces, request->operation, &piece, &whole) : ERR_ARGUMENT;
    if (err != ERR_OK && piece.offset == 0) {
        return refuse_for_good(request, err);
    }
    if (err != ERR_OK && request->cap != CAP_NULL) {
        slot_release(request->cap);
    }
    if (whole != NULL) {
        request->cap = whole->cap;
        request->words = whole->total;
        request->word = whole->word;
        request->whole = whole;
        start(request);
    }
}

static struct lrpc_request request_of(const struct lrpc_message *message) {
    struct lrpc_request request = {
        .badge = message->badge,
        .operation = (uint16_t)message->word[0],
        .number = (uint16_t)(message->word[0] >> LRPC_NUMBER_SHIFT & LRPC_NUMBER_MASK),
        .token = (uint32_t)(message->word[0] >> 32),
        .cap = (capaddr_t)message->slot,
        .words = LRPC_PAYLOAD,
    };
    memcpy(request.payload, &message->word[1], sizeof(request.payload));
    request.client = client_find(request.badge, request.number != 0 ? request.number : -1);
    return request;
}

void lrpc_server_take(const struct lrpc_message *message) {
    struct lrpc_request request = request_of(message);
    if (request.operation == LRPC_OP_HELLO && (request.badge & LRPC_BINDING) == 0) {
        take_hello(&request);
    } else if (request.client == NULL) {
        if (is_always_served(&request)) {
            start(&request);
        } else {
            refuse(&request); /* who cannot be answered is not served */
        }
    } else if (lrpc_hooks.notice != NULL && lrpc_hooks.notice(request.client, &request)) {
        return;
    } else if ((message->word[0] & LRPC_LONG) != 0) {
        take_piece(&request, message);
    } else {
        start(&request);
    }
}
