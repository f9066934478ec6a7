/* Calls that come over channels. The first message of a client says what it knows of the interface. A client that breaks the
   protocol, or asks for what there is not, is let go; the others do not notice. */
#include <skerry/bind.h>
#include <skerry/heap.h>
#include <skerry/string.h>
#include <skerry/time.h>

#include "lib/arrivals.h"
#include "lib/fibre_internal.h"
#include "lib/lrpc_internal.h"
#include "lib/pieces.h"
#include "lib/rpc.h"
#include "lib/service_internal.h"

#define REPLY_DEADLINE_MS 1000

/* A client. Freed when it is gone and the last of its fibres has ended. */
struct caller {
    struct channel channel;     /* first */
    struct bind_channel *bound; /* the monitor's and ours until gone */
    uint32_t domain;
    struct service_client *client; /* NULL until it has said what it knows */
    struct pieces *pieces;
    struct arrivals arrivals;
    uint32_t fibres;
    bool opening, gone;
    const struct service_operation *operations; /* the service's from number 1 on, as soon as it has been opened */
    uint32_t operation_count;
    struct service_call quick; /* the one that is served at once */
    uint64_t quick_reply[RPC_LINE_WORDS];
};

/* A fibre's argument. */
struct work {
    struct caller *caller;
    const struct service_operation *operation; /* NULL: one of the library's own */
    struct pieces *whole;
    uint32_t token, words;
    capaddr_t cap;
    uint32_t cap_number; /* 0: none goes with it */
    uint16_t number;
    uint64_t word[RPC_LINE_WORDS];
};
_Static_assert(sizeof(struct work) <= FIBRE_ARGUMENT_SIZE, "work is a fibre's argument");

struct channel_call {
    struct service_call call; /* first */
    struct caller *caller;
    uint16_t number;
};

static void caller_leave(struct caller *caller) {
    if (--caller->fibres == 0 && caller->gone) {
        free(caller);
    }
}

/* No more messages come and go. The memory of the channel is not touched from here on. */
static void caller_end(struct caller *caller, err_t why) {
    if (caller->gone) {
        return;
    }
    caller->gone = true;
    caller->fibres++;
    channel_close(&caller->channel);
    pieces_drop_all(&caller->pieces);
    arrivals_drop(&caller->arrivals);
    if (caller->client != NULL) {
        service_client_gone(caller->client, why);
    }
    caller_leave(caller);
}

/* A request's capability, before the request. */
static void take_cap(struct bind_channel *bound, uint64_t number, capaddr_t cap) {
    struct caller *caller = bound->context;
    if (caller == NULL || caller->gone || !arrivals_add(&caller->arrivals, (uint32_t)number, cap)) {
        lrpc_slot_release(cap);
    }
}

/* False: none of that number has come ahead of its message. */
static bool claim_cap(struct caller *caller, struct work *work) {
    if (work->cap_number == 0) {
        return true;
    }
    work->cap = arrivals_claim(&caller->arrivals, work->cap_number);
    return work->cap != CAP_NULL;
}

static void reply(struct caller *caller, const struct work *work, err_t err, const struct service_call *call) {
    struct rpc_message out = {
        .type = (uint16_t)(work->number | RPC_REPLY),
        .head = RPC_HEAD(work->token, err),
        .deadline = time_deadline(REPLY_DEADLINE_MS),
    };
    if (err == ERR_OK && call != NULL) {
        out.word = call->reply;
        out.words = call->reply_words;
        out.type |= call->reply_cap != CAP_NULL ? RPC_CAP : 0;
    }
    (void)rpc_send(&caller->channel, &out); /* who does not take its answers has asked in vain */
}

static void open_service(const struct work *work) {
    struct caller *caller = work->caller;
    struct service_client *client;
    err_t err = service_open(work->word, caller->domain, &client);
    caller->opening = false;
    if (err == ERR_OK && caller->gone) {
        service_client_gone(client, ERR_PEER_DEAD);
        return;
    }
    uint64_t base = 0; /* a channel has one service */
    struct service_call answer = {.reply = &base, .reply_words = 1};
    if (err == ERR_OK) {
        client->bound = caller->bound;
        caller->client = caller->quick.client = client;
        caller->quick.reply = caller->quick_reply;
        caller->operations = client->service->interface->operations + 1;
        caller->operation_count = client->service->interface->count - 1;
    }
    reply(caller, work, err, &answer);
}

static void answer(const struct service_call *call, err_t err) {
    const struct channel_call *own = (const struct channel_call *)(const void *)call;
    struct work work = {.number = own->number, .token = call->token};
    if (call->reply_cap != CAP_NULL) {
        err = own->caller->gone ? ERR_PEER_DEAD : bind_send_cap(own->caller->bound, call->token, call->reply_cap);
        lrpc_slot_release(call->reply_cap); /* moved, or refused */
    }
    if (!own->caller->gone) {
        reply(own->caller, &work, err, call);
    }
}

static void serve_bulk(const struct work *work) {
    struct caller *caller = work->caller;
    err_t err = service_bulk(caller->client, work->word[0], work->cap);
    caller->opening = false;
    if (!caller->gone) {
        reply(caller, work, err, NULL);
    }
}

static void work_ended(void *argument) {
    const struct work *work = argument;
    free(work->whole);
    caller_leave(work->caller);
}

static void run(void *argument) {
    const struct work *work = argument;
    struct caller *caller = work->caller;
    struct fibre_guard guard;
    fibre_guard(&guard, work_ended, argument);
    if (work->number == RPC_OPEN) {
        open_service(work);
    } else if (work->number == RPC_BULK && !caller->gone) {
        serve_bulk(work);
    } else if (caller->gone) {
        if (work->cap != CAP_NULL) {
            lrpc_slot_release(work->cap);
        }
    } else {
        struct channel_call call = {.caller = caller, .number = work->number};
        call.call.client = caller->client;
        call.call.request = work->whole != NULL ? work->whole->word : work->word;
        call.call.request_words = work->words;
        call.call.token = work->token;
        call.call.cap = work->cap;
        service_run(&call.call, work->operation, answer);
    }
    fibre_guard_pass(fibre_current);
}

/* Nothing may wait here, so a refusal may be lost: then the client's deadline passes. */
static void refuse(struct caller *caller, const struct work *work) {
    struct urpc_message line = {
        .word = {RPC_HEAD(work->token, ERR_BUSY)},
        .type = (uint16_t)(work->number | RPC_REPLY | RPC_REFUSED),
        .words = 1,
    };
    free(work->whole);
    (void)channel_try_send(&caller->channel, &line);
}

/* False: its capability is not there. */
static bool start(struct caller *caller, struct work *work) {
    if (!claim_cap(caller, work)) {
        free(work->whole);
        return false;
    }
    if (fibre_spawn(run, work, sizeof(*work)) == ERR_OK) {
        caller->fibres++;
        return true;
    }
    if (work->cap != CAP_NULL) { /* for when it is asked again; there is room, for it came from there */
        take_cap(caller->bound, work->cap_number, work->cap);
    }
    refuse(caller, work);
    return true;
}

/* What the client's library says before and after all calls, one thing at a time. False: no client of ours would send this. */
static bool take_own(struct caller *caller, struct work *work, const struct rpc_line *line, uint32_t words) {
    if (caller->opening || line->words != words || line->total != line->words) {
        return false;
    }
    uint32_t fibres = caller->fibres;
    caller->opening = true;
    memcpy(work->word, line->word, line->words * sizeof(uint64_t));
    bool taken = start(caller, work);
    caller->opening = caller->fibres != fibres; /* not when it was refused, to be asked again */
    return taken;
}

static bool is_full(const struct caller *caller) {
    return caller->fibres + pieces_count(caller->pieces) >= caller->client->service->calls;
}

/* Only the first piece is refused, and once. */
static bool take_piece(struct caller *caller, struct work *work, const struct rpc_line *line) {
    struct piece piece = {work->token, line->total, line->offset, line->words, line->word, CAP_NULL};
    if (piece.total > work->operation->request_words) {
        return false;
    }
    if (piece.offset == 0 && is_full(caller)) {
        refuse(caller, work);
        return true;
    }
    if (pieces_add(&caller->pieces, work->number, &piece, &work->whole) != ERR_OK) {
        if (piece.offset == 0) {
            refuse(caller, work);
        }
        return true;
    }
    if (work->whole != NULL) {
        work->words = work->whole->total;
        return start(caller, work);
    }
    return true;
}

static bool take_call(struct caller *caller, struct work *work, const struct rpc_line *line) {
    work->operation = service_operation_of(caller->client->service, work->number);
    if (work->operation == NULL) {
        return false;
    }
    if (line->words != line->total) {
        return take_piece(caller, work, line);
    }
    if (is_full(caller)) {
        refuse(caller, work);
        return true;
    }
    work->words = line->words;
    memcpy(work->word, line->word, line->words * sizeof(uint64_t));
    return start(caller, work);
}

static bool take(struct caller *caller, const struct urpc_message *message) {
    struct rpc_line line;
    struct work work = {
        .caller = caller,
        .token = (uint32_t)message->word[0],
        .number = RPC_TYPE_NUMBER(message->type),
        .cap_number = (message->type & RPC_CAP) != 0 ? (uint32_t)(message->word[0] >> 32) : 0,
    };
    if ((message->type & (RPC_REPLY | RPC_REFUSED)) != 0 || !rpc_line_of(message, &line)) {
        return false;
    }
    if (work.number == RPC_OPEN) {
        return caller->client == NULL && take_own(caller, &work, &line, RPC_OPEN_WORDS);
    }
    if (caller->client == NULL) {
        return false;
    }
    if (work.number == RPC_BULK) {
        return take_own(caller, &work, &line, 1);
    }
    if (work.number == RPC_CANCEL) {
        service_cancel(caller->client, work.token);
        return true;
    }
    return take_call(caller, &work, &line);
}

struct late_answer {
    struct caller *caller;
    struct urpc_message line;
};

static void send_late(void *argument) {
    const struct late_answer *late = argument;
    (void)channel_send(&late->caller->channel, &late->line, time_deadline(REPLY_DEADLINE_MS));
    caller_leave(late->caller);
}

/* There was no room for the answer of a quick call. */
static void answer_later(struct caller *caller, const struct urpc_message *line) {
    struct late_answer late = {caller, *line};
    if (fibre_spawn(send_late, &late, sizeof(late)) == ERR_OK) {
        caller->fibres++;
    }
}

bool service_quick_answer(struct service_call *call, uint64_t head, err_t err) {
    struct caller *caller = (struct caller *)(void *)((char *)call - offsetof(struct caller, quick));
    uint32_t words = err == ERR_OK ? call->reply_words : 0;
    struct urpc_message line;
    line.type = (uint16_t)(RPC_TYPE(call->number, words) | RPC_REPLY);
    line.words = (uint16_t)(1 + words);
    line.word[0] = RPC_HEAD(head, err);
    for (uint32_t i = 0; i < words; i++) {
        line.word[1 + i] = call->reply[i];
    }
    if (!rpc_try_send(&caller->channel, &line)) {
        answer_later(caller, &line);
    }
    return true;
}

/* A message of a quick operation, just as it must be; everything else takes the long way. */
static bool serve_quickly(struct channel *channel, uint64_t header, const uint64_t *slot) {
    struct caller *caller = (struct caller *)channel;
    uint32_t index = RPC_TYPE_NUMBER(header) - 1;
    if (index >= caller->operation_count) {
        return false;
    }
    const struct service_operation *operation = &caller->operations[index];
    return (header & SERVICE_QUICK_MASK) == operation->quick_header && operation->quick(&caller->quick, &slot[1]);
}

static void receive(struct channel *channel, const struct urpc_message *message) {
    if (!take((struct caller *)channel, message)) {
        channel_end(channel, ERR_FORMAT);
    }
}

static void let_go(void *argument) {
    struct caller *caller = *(struct caller **)argument;
    struct bind_channel *bound = caller->bound;
    if (!caller->gone) {
        caller_end(caller, ERR_FORMAT);
        bind_release(bound);
    }
    caller_leave(caller);
}

/* The channel's: nothing is waited for here. */
static void broken(struct channel *channel, err_t why) {
    struct caller *caller = (struct caller *)channel;
    (void)why;
    if (fibre_spawn(let_go, &caller, sizeof(struct caller *)) == ERR_OK) {
        caller->fibres++;
    }
}

/* The monitor's: the client has unbound (CANCELLED), or it or its core has ended. */
static void ended(struct bind_channel *bound, err_t why) {
    caller_end(bound->context, why);
}

err_t service_accept(struct bind_channel *bound) {
    struct caller *caller = calloc(1, sizeof(*caller));
    if (caller == NULL) {
        return ERR_NO_MEMORY;
    }
    struct channel_request request = {
        .frame = bound->memory,
        .size = bound->size,
        .side = bound->side,
        .wake = bound->wake,
        .patience = CHANNEL_PATIENCE,
        .receive = receive,
        .ended = broken,
        .quick = serve_quickly,
    };
    err_t err = channel_open(&caller->channel, &request);
    if (err != ERR_OK) {
        free(caller);
        return err;
    }
    caller->bound = bound;
    caller->domain = bound->peer;
    bound->context = caller;
    bound->ended = ended;
    bound->received = take_cap;
    return ERR_OK;
}
