/* Routing and calls. Nothing that a peer sends is believed: source and destination must fit the link that a message came
   by, operations and tokens must be known, and each service checks its own words. */
#include "monitor/peers.h"

#include <skerry/fibre.h>
#include <skerry/log.h>
#include <skerry/string.h>
#include <skerry/time.h>

#include "monitor/agreement.h"
#include "monitor/home.h"
#include "monitor/joining.h"
#include "monitor/links.h"
#include "monitor/machine.h"
#include "monitor/membership.h"
#include "monitor/peer_services.h"
#include "monitor/wakes.h"

struct pending {
    struct pending *next;
    struct fibre_queue queue;
    struct peer_call *call;
    uint32_t token;
    err_t error;
    bool answered;
};

static struct pending *pending_calls;
static uint32_t last_token;

static void pack(const struct peer_message *message, struct urpc_message *line) {
    line->type = message->type;
    line->words = URPC_WORDS;
    line->word[0] = message->from | (uint64_t)message->to << 8 | (uint64_t)message->token << 32;
    memcpy(&line->word[1], message->word, sizeof(message->word));
}

static void unpack(const struct urpc_message *line, struct peer_message *message) {
    message->type = line->type;
    message->from = line->word[0] & 0xff;
    message->to = line->word[0] >> 8 & 0xff;
    message->token = (uint32_t)(line->word[0] >> 32);
    memcpy(message->word, &line->word[1], sizeof(message->word));
}

static bool is_stopped(coreid_t id) {
    const struct core *core = core_get(id);
    return core != NULL && core->state == MONITOR_CORE_STOPPED;
}

static struct link *link_to(unsigned id) {
    const struct core *core = id < MAX_CORES ? core_get((coreid_t)id) : NULL;
    return core != NULL && link_works(core->link) ? core->link : NULL;
}

/* The link to a core, or towards it: to the home all cores have one, and to its heir soon after. */
static struct link *route(coreid_t to) {
    struct link *link = link_to(to);
    link = link == NULL && !is_home() ? link_to(home()) : link;
    return link == NULL ? link_to(home_heir()) : link;
}

static err_t send_by(struct link *link, const struct peer_message *message) {
    struct urpc_message line;
    if (link == NULL) {
        return ERR_NOT_FOUND;
    }
    pack(message, &line);
    return link_send(link, &line, time_deadline(peer_deadline_ms()));
}

/* Who is to blame for silence: the core itself, or who should have passed the question on. */
static void suspect(coreid_t to) {
    const struct link *link = route(to);
    if (link != NULL && link->core == to) {
        core_silent(to);
    }
    membership_suspect(link != NULL ? link->core : to);
}

err_t peer_post(const struct peer_message *message) {
    return is_stopped(message->to) ? ERR_PEER_DEAD : send_by(route(message->to), message);
}

static struct pending *pending_find(uint32_t token, coreid_t from, uint16_t operation) {
    for (struct pending *at = pending_calls; at != NULL; at = at->next) {
        if (at->token == token && at->call->to == from && at->call->operation == operation && !at->answered) {
            return at;
        }
    }
    return NULL;
}

static void pending_remove(struct pending *pending) {
    struct pending **at = &pending_calls;
    while (*at != pending) {
        at = &(*at)->next;
    }
    *at = pending->next;
}

static err_t call_and_wait(struct peer_call *call, struct pending *pending, uint64_t deadline) {
    struct peer_message message = {
        .type = call->operation, .from = this_core(), .to = call->to, .token = pending->token};
    memcpy(message.word, call->request, sizeof(message.word));
    TRY(peer_post(&message));
    while (!pending->answered) {
        if (!fibre_wait(&pending->queue, deadline) && !pending->answered) {
            suspect(call->to);
            return ERR_TIMEOUT;
        }
    }
    return pending->error;
}

err_t peer_call(struct peer_call *call) {
    const struct core *core = core_get(call->to);
    if (core == NULL || call->to == this_core() || core->state == MONITOR_CORE_NOT_STARTED) {
        return ERR_NOT_FOUND;
    }
    if (core->state == MONITOR_CORE_STOPPED || (core->state == MONITOR_CORE_SILENT && !call->probe)) {
        return ERR_PEER_DEAD;
    }
    struct pending pending = {.next = pending_calls, .call = call, .token = ++last_token};
    pending_calls = &pending;
    err_t err =
        call_and_wait(call, &pending, time_deadline(call->deadline_ms != 0 ? call->deadline_ms : peer_deadline_ms()));
    pending_remove(&pending);
    return err;
}

static void pending_answer(struct pending *pending, err_t error) {
    pending->error = error;
    pending->answered = true;
    (void)fibre_wake(&pending->queue);
}

void peers_end(coreid_t id) {
    struct core *core = core_get(id);
    for (struct pending *at = pending_calls; at != NULL; at = at->next) {
        if (at->call->to == id && !at->answered) {
            pending_answer(at, ERR_PEER_DEAD);
        }
    }
    if (core->link != NULL) {
        link_close(core->link);
        core->link = NULL;
    }
}

static void take_reply(const struct peer_message *message) {
    struct pending *pending = pending_find(message->token, message->from, message->type & ~PEER_REPLY);
    if (pending == NULL) {
        return;
    }
    memcpy(pending->call->reply, &message->word[1], sizeof(pending->call->reply));
    pending_answer(pending, (err_t)message->word[0]);
}

static void reply_to(const struct peer_message *request, err_t error, const uint64_t words[PEER_PAYLOAD - 1]) {
    struct peer_message reply = {
        .type = request->type | PEER_REPLY,
        .from = request->to,
        .to = request->from,
        .token = request->token,
        .word[0] = error,
    };
    memcpy(&reply.word[1], words, sizeof(reply.word) - sizeof(reply.word[0]));
    const struct core *by = core_get(request->by);
    err_t err = by != NULL ? send_by(by->link, &reply) : ERR_NOT_FOUND;
    if (err != ERR_OK && !is_stopped(reply.to)) {
        log_line("the reply %x to core %u was not sent: %s", reply.type, reply.to, err_name(err));
    }
}

static void serve(void *argument) {
    const struct peer_message *request = argument;
    uint64_t words[PEER_PAYLOAD - 1] = {0};
    if (is_stopped(request->from)) { /* it arrived before that was known */
        return;
    }
    peer_server service = peer_service(request->type);
    err_t err = service != NULL ? service(request, words) : ERR_UNSUPPORTED;
    reply_to(request, err, words);
}

/* On to its destination; a request that leads nowhere is answered here. */
static void forward(void *argument) {
    static const uint64_t nothing[PEER_PAYLOAD - 1];
    const struct peer_message *message = argument;
    err_t err = peer_post(message);
    if (err != ERR_OK && (message->type & PEER_REPLY) == 0) {
        reply_to(message, err, nothing);
    }
}

static void in_a_fibre(void (*run)(void *), const struct peer_message *message) {
    err_t err = fibre_spawn(run, message, sizeof(*message));
    if (err != ERR_OK) {
        log_line("message %x from core %u was lost: %s", message->type, message->from, err_name(err));
    }
}

/* Only the home and its heir pass on what others sent; a core that is the next one may know so before we do. */
static bool source_plausible(const struct link *link, const struct peer_message *message) {
    if (message->from == this_core() || message->from == message->to) {
        return false;
    }
    return message->from == link->core || link->core <= MAX(home(), home_heir());
}

static bool is_agreement(const struct urpc_message *line) {
    return line->type == PEER_AGREE || line->type == PEER_AGREE_MORE;
}

static void receive(struct link *link, const struct urpc_message *line) {
    struct peer_message message;
    if (is_agreement(line)) {
        core_heard(link->core);
        return agreement_take(link->core, line);
    }
    unpack(line, &message);
    message.by = link->core;
    if (!source_plausible(link, &message)) {
        log_line("core %u sent a message as core %u: dropped", link->core, message.from);
        return;
    }
    core_heard(message.from);
    bool passed_on = message.from != link->core;
    if (message.to != this_core() && !passed_on) {
        in_a_fibre(forward, &message);
    } else if (message.to != this_core()) {
        log_line("message %x for core %u went astray", message.type, message.to);
    } else if ((message.type & PEER_REPLY) != 0) {
        take_reply(&message);
    } else if (!passed_on && (message.type == PEER_HELLO || message.type == PEER_WELCOME)) {
        joining_take(link, &message);
    } else if (message.type == PEER_WAKE) {
        wakes_signal(message.word[0]);
    } else {
        in_a_fibre(serve, &message);
    }
}

err_t peers_init(void) {
    last_token = (uint32_t)time_now(); /* replies meant for who ran here before fit nothing */
    return links_init(receive);
}
