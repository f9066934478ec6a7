/* Calls to a service on another core. The channel is let go in one of three ways: by binding_unbind; by the monitor, when
   the service or its core has ended; by us, when the service breaks the protocol. */
#include <skerry/bind.h>
#include <skerry/slots.h>
#include <skerry/time.h>

#include "lib/binding_internal.h"
#include "lib/rpc.h"

#define RETRY_MS 5

/* A capability goes ahead, by way of the monitors: it is there when its message comes. */
static err_t outgoing(struct binding *binding, const struct binding_call *call, uint32_t token,
                      struct rpc_message *message) {
    bool with_cap = call->cap != CAP_NULL;
    uint32_t number = 0;
    if (with_cap) {
        number = ++binding->caps_sent;
        TRY(bind_send_cap(binding->bound, number, call->cap));
        TRY(binding->why); /* that took a while */
    }
    *message = (struct rpc_message){
        .type = RPC_TYPE(call->operation | (with_cap ? RPC_CAP : 0), 0),
        .head = RPC_HEAD(token, number),
        .word = call->request,
        .words = call->request_words,
        .deadline = call->deadline,
    };
    return ERR_OK;
}

/* It was moved. */
static void gone_along(struct binding_call *call) {
    if (call->cap != CAP_NULL) {
        slot_release(call->cap);
        call->cap = CAP_NULL;
    }
}

/* The server has its fill of our requests. */
static err_t ask_again(struct binding *binding, const struct rpc_message *request, struct call_wait *wait) {
    wait->state = CALL_WAITING;
    wait->reply_words = 0;
    fibre_sleep_until(time_deadline(RETRY_MS));
    if (wait->state == CALL_ENDED) {
        return wait->err;
    }
    return time_now() < request->deadline ? rpc_send(&binding->channel, request) : ERR_TIMEOUT;
}

static err_t converse(struct binding *binding, struct binding_call *call, struct call_wait *wait) {
    struct rpc_message request;
    TRY(outgoing(binding, call, wait->token, &request));
    err_t err = rpc_send(&binding->channel, &request);
    while (err == ERR_OK && wait->state != CALL_ANSWERED) {
        if (wait->state == CALL_WAITING && !fibre_wait(&wait->queue, call->deadline) && wait->state == CALL_WAITING) {
            err = ERR_TIMEOUT;
        } else if (wait->state == CALL_REFUSED) {
            err = ask_again(binding, &request, wait);
        } else if (wait->state == CALL_ENDED) {
            err = wait->err;
        }
    }
    err = err != ERR_OK ? err : wait->err;
    if (err == ERR_OK) {
        gone_along(call);
    }
    return err;
}

static err_t send(struct binding *binding, struct binding_call *message) {
    struct rpc_message out;
    TRY(outgoing(binding, message, 0, &out));
    TRY(rpc_send(&binding->channel, &out));
    gone_along(message);
    return ERR_OK;
}

static void cancel(struct binding *binding, uint32_t token) {
    struct urpc_message line = {.word = {token}, .type = RPC_CANCEL, .words = 1};
    (void)channel_try_send(&binding->channel, &line);
}

static bool take_reply(struct binding *binding, const struct urpc_message *message) {
    struct rpc_line line;
    uint32_t token = (uint32_t)message->word[0];
    if ((message->type & RPC_REPLY) == 0 || !rpc_line_of(message, &line)) {
        return false;
    }
    if ((message->type & RPC_REFUSED) != 0) {
        (void)calls_refuse((uint64_t)binding, token, CAP_NULL); /* else it comes too late */
        return true;
    }
    struct call_part part = {
        .from = (uint64_t)binding,
        .token = token,
        .total = line.total,
        .offset = line.offset,
        .words = line.words,
        .word = line.word,
        .err = (err_t)(message->word[0] >> 32),
    };
    const struct call_wait *wait = calls_find((uint64_t)binding, token);
    if (wait != NULL && ((message->type & RPC_CAP) != 0) != (wait->cap != CAP_NULL)) {
        return false;
    }
    (void)calls_answer(&part); /* else it comes too late */
    return true;
}

/* A reply's capability, before the reply. */
static void take_cap(struct bind_channel *bound, uint64_t token, capaddr_t cap) {
    struct call_wait *wait = bound->context != NULL ? calls_find((uint64_t)bound->context, (uint32_t)token) : NULL;
    if (wait == NULL || wait->cap != CAP_NULL) {
        slot_release(cap); /* nobody waits for it any more */
    } else {
        wait->cap = cap;
    }
}

static void receive(struct channel *channel, const struct urpc_message *message) {
    if (!take_reply((struct binding *)channel, message)) {
        channel_end(channel, ERR_FORMAT);
    }
}

/* The usual answer, in one line; everything else takes the long way. */
static bool take_quickly(struct channel *channel, uint64_t header, const uint64_t *slot) {
    uint32_t type = (uint16_t)header, words = RPC_TYPE_WORDS(type);
    if ((type & (RPC_REPLY | RPC_LONG | RPC_REFUSED | RPC_CAP)) != RPC_REPLY || (header >> 32 & 0x87) != words + 1) {
        return false;
    }
    uint64_t head = urpc_load(&slot[1]);
    struct call_wait *wait = calls_find((uint64_t)channel, (uint32_t)head);
    if (wait == NULL || words > MIN(wait->reply_room, (uint32_t)RPC_LINE_WORDS) || wait->reply_words != 0) {
        return false;
    }
    for (uint32_t i = 0; i < words; i++) {
        wait->reply[i] = urpc_load(&slot[2 + i]);
    }
    wait->reply_words = words;
    wait->err = (err_t)(head >> 32);
    wait->state = CALL_ANSWERED;
    (void)fibre_wake(&wait->queue);
    return true;
}

static void let_go(void *argument) {
    struct binding *binding = *(struct binding **)argument;
    struct bind_channel *bound = binding->bound;
    if (bound != NULL) {
        binding->bound = NULL;
        channel_close(&binding->channel);
        bind_release(bound);
    }
}

/* The channel's: nothing is waited for here. */
static void broken(struct channel *channel, err_t why) {
    struct binding *binding = (struct binding *)channel;
    binding_end(binding, why == ERR_FORMAT ? ERR_FORMAT : ERR_PEER_DEAD);
    (void)fibre_spawn(let_go, &binding, sizeof(struct binding *));
}

/* The monitor's. */
static void ended(struct bind_channel *bound, err_t why) {
    struct binding *binding = bound->context;
    (void)why;
    if (binding->bound == bound) {
        binding->bound = NULL;
        channel_close(&binding->channel);
        binding_end(binding, ERR_PEER_DEAD);
    }
}

err_t binding_urpc_open(struct binding *binding) {
    struct bind_channel *bound = binding->bound;
    struct channel_request request = {
        .frame = bound->memory,
        .size = bound->size,
        .side = bound->side,
        .wake = bound->wake,
        .patience = CHANNEL_PATIENCE,
        .receive = receive,
        .ended = broken,
        .quick = take_quickly,
    };
    TRY(channel_open(&binding->channel, &request));
    if (binding->channel.urpc.slot_bytes != URPC_LINE) {
        channel_close(&binding->channel);
        return ERR_FORMAT;
    }
    bound->context = binding;
    bound->ended = ended;
    bound->received = take_cap;
    return ERR_OK;
}

static void close(struct binding *binding) {
    if (binding->bound != NULL) {
        binding->bound->context = NULL;
        binding->bound->ended = NULL;
        binding->bound->received = NULL;
        binding->bound = NULL;
    }
    channel_close(&binding->channel);
}

static void unbind(struct binding *binding) {
    let_go(&binding);
}

const struct binding_transport binding_urpc = {converse, send, cancel, unbind, close};
