/* The client's end: sending, calls, and the dispatcher's inbox, which is an event source here. */
#include <abi/stubs.h>
#include <skerry/event.h>
#include <skerry/held.h>
#include <skerry/lrpc.h>
#include <skerry/slots.h>
#include <skerry/string.h>
#include <skerry/time.h>

#include "lib/lrpc_internal.h"

#define RETRY_MS 5

static uint32_t last_badge;
static capaddr_t own_endpoint;

/* NOT_READY: the receiver has no slot for the capability just now, and nobody says when it has. */
static void wait_for_receiver(err_t err) {
    if (err == ERR_BUSY) {
        (void)notification_wait(NOTIFY_LRPC_RETRY, time_deadline(RETRY_MS));
    } else {
        fibre_sleep_until(time_deadline(RETRY_MS));
    }
}

err_t lrpc_send(capaddr_t endpoint, capaddr_t cap, const uint64_t word[LRPC_WORDS], uint64_t deadline) {
    for (;;) {
        err_t err = dispatcher_send(endpoint, cap, word);
        if (err != ERR_BUSY && err != ERR_NOT_READY) {
            return err;
        }
        if (deadline != 0 && time_now() >= deadline) {
            return ERR_TIMEOUT;
        }
        wait_for_receiver(err);
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
    return slot_mint(own_endpoint, rights, badge, endpoint);
}

void lrpc_slot_free(capaddr_t slot) {
    if (!dispatcher_wants_slot() || !dispatcher_arm_slot(slot)) {
        slot_free(slot);
    }
}

void lrpc_slot_release(capaddr_t slot) {
    err_t err = cap_delete(slot);
    if (err == ERR_OK || err == ERR_CAP_EMPTY) {
        lrpc_slot_free(slot);
    }
}

static err_t send_short(const struct lrpc_outgoing *out) {
    uint64_t word[LRPC_WORDS] = {out->head, out->second};
    memcpy(&word[out->is_reply ? 2 : 1], out->word, out->words * sizeof(uint64_t));
    return lrpc_send(out->endpoint, out->cap, word, out->deadline);
}

static err_t send_pieces(const struct lrpc_outgoing *out) {
    capaddr_t cap = out->cap;
    for (uint32_t done = 0; done < out->words; done += LRPC_PIECE) {
        uint64_t word[LRPC_WORDS] = {out->head | LRPC_LONG, out->second | LRPC_LONG_WORD(out->words, done)};
        memcpy(&word[2], out->word + done, MIN(out->words - done, (uint32_t)LRPC_PIECE) * sizeof(uint64_t));
        TRY(lrpc_send(out->endpoint, cap, word, out->deadline));
        cap = CAP_NULL;
    }
    return ERR_OK;
}

err_t lrpc_send_all(struct lrpc_outgoing *out) {
    uint32_t most = out->is_reply ? LRPC_PIECE : LRPC_PAYLOAD;
    TRY(out->words <= most ? send_short(out) : send_pieces(out));
    if (out->cap != CAP_NULL) {
        lrpc_slot_free(out->cap);
        out->cap = CAP_NULL;
        out->had_cap = true;
    }
    return ERR_OK;
}

/* The server has as many of our requests as it takes. A capability has come back, unless there was no way. */
static err_t ask_again(struct lrpc_outgoing *request, struct call_wait *wait) {
    if (request->had_cap && wait->cap == CAP_NULL) {
        return ERR_BUSY;
    }
    request->cap = wait->cap;
    wait->cap = CAP_NULL;
    wait->state = CALL_WAITING;
    wait->reply_words = 0;
    fibre_sleep_until(time_deadline(RETRY_MS));
    if (wait->state == CALL_ENDED) {
        return wait->err;
    }
    return time_now() < request->deadline ? lrpc_send_all(request) : ERR_TIMEOUT;
}

err_t lrpc_converse(struct lrpc_outgoing *request, struct call_wait *wait) {
    wait->endpoint = request->endpoint;
    err_t err = lrpc_send_all(request);
    while (err == ERR_OK && wait->state != CALL_ANSWERED) {
        if (wait->state == CALL_WAITING && !fibre_wait(&wait->queue, request->deadline) &&
            wait->state == CALL_WAITING) {
            err = ERR_TIMEOUT;
        } else if (wait->state == CALL_REFUSED) {
            err = ask_again(request, wait);
        } else if (wait->state == CALL_ENDED) {
            err = wait->err;
        }
    }
    return err != ERR_OK ? err : wait->err;
}

uint64_t lrpc_head(const struct lrpc_binding *binding, uint16_t operation, uint32_t token) {
    return operation | (uint64_t)(binding->badge & LRPC_NUMBER_MASK) << LRPC_NUMBER_SHIFT | (uint64_t)token << 32;
}

err_t lrpc_call(const struct lrpc_binding *binding, struct lrpc_call *call) {
    PINNED();
    uint64_t deadline = time_deadline(call->deadline_ms != 0 ? call->deadline_ms : LRPC_DEADLINE_MS);
    struct call_wait wait = {.from = binding->badge, .reply = &call->reply[1], .reply_room = LRPC_PIECE};
    TRY(calls_add(&wait));
    struct lrpc_outgoing request = {
        .endpoint = binding->endpoint,
        .cap = call->cap,
        .head = lrpc_head(binding, call->operation, wait.token),
        .word = call->request,
        .words = LRPC_PAYLOAD,
        .deadline = deadline,
    };
    err_t err = lrpc_converse(&request, &wait);
    calls_remove(&wait);
    call->cap = request.cap;
    call->reply[0] = err;
    call->reply_cap = wait.cap;
    return err;
}

err_t lrpc_bind(capaddr_t endpoint, struct lrpc_binding *binding) {
    PINNED();
    last_badge += (last_badge & LRPC_NUMBER_MASK) == LRPC_NUMBER_MASK ? 2 : 1; /* number 0 is any binding */
    struct lrpc_binding made = {.endpoint = endpoint, .badge = last_badge | LRPC_BINDING};
    struct lrpc_call hello = {.operation = LRPC_OP_HELLO};
    TRY(lrpc_endpoint(made.badge, RIGHT_WRITE | RIGHT_GRANT, &hello.cap)); /* GRANT: it is sent */
    err_t err = lrpc_call(&made, &hello);
    if (err == ERR_OK) {
        *binding = made;
    }
    return err;
}

/* A reply in one message does not say how long it is: its caller knows. */
static void size_part(struct call_part *part, const struct lrpc_message *message) {
    const struct call_wait *wait = calls_find(part->from, part->token);
    if ((message->word[0] & LRPC_LONG) != 0) {
        part->total = LRPC_LONG_TOTAL(message->word[1]);
        part->offset = LRPC_LONG_OFFSET(message->word[1]);
        part->words = MIN(part->total - MIN(part->total, part->offset), (uint32_t)LRPC_PIECE);
    } else if (wait != NULL) {
        part->total = part->words = MIN(wait->reply_room, (uint32_t)LRPC_PIECE);
    }
}

/* A reply counts only with the badge of the server that was asked. */
static bool take_reply(const struct lrpc_message *message) {
    uint32_t token = (uint32_t)(message->word[0] >> 32);
    if ((message->word[0] & LRPC_REFUSED) != 0) {
        return calls_refuse(message->badge, token, (capaddr_t)message->slot);
    }
    struct call_part part = {
        .from = message->badge,
        .token = token,
        .word = &message->word[2],
        .err = (err_t)(uint32_t)message->word[1],
        .cap = (capaddr_t)message->slot,
    };
    size_part(&part, message);
    return calls_answer(&part);
}

/* Also tried again when an earlier try found no slot: what is freed since may serve. */
static void arm_slots(void) {
    capaddr_t slot;
    while (dispatcher_wants_slot() && slot_alloc(&slot) == ERR_OK) {
        if (!dispatcher_arm_slot(slot)) {
            slot_free(slot);
        }
    }
}

static void take(const struct lrpc_message *message) {
    if ((message->word[0] & LRPC_REPLY) == 0) {
        lrpc_server_take(message);
    } else if (!take_reply(message) && message->slot != CAP_NULL) {
        lrpc_slot_release((capaddr_t)message->slot);
    }
}

static bool inbox_poll(void) {
    struct lrpc_message message;
    bool any = false;
    while (dispatcher_take_message(&message)) {
        take(&message);
        any = true;
    }
    if (dispatcher_wants_slot()) {
        arm_slots();
    }
    return any;
}

static struct event_source inbox_source = {.poll = inbox_poll};

void lrpc_init(void) {
    arm_slots();
    event_source_add(&inbox_source);
}
