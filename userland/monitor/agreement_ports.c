/* See agreement_ports.h. A message is one line PEER_AGREE, whose token is its attempt, and for longer ones some of
   PEER_AGREE_MORE, whose token is the place of their first word. Nothing else comes between them from one sender's engine. */
#include "monitor/agreement_ports.h"

#include <if/peer.h>
#include <skerry/fibre.h>
#include <skerry/heap.h>
#include <skerry/log.h>
#include <skerry/string.h>
#include <skerry/time.h>

#include "monitor/agreement_wire.h"
#include "monitor/introduce.h"
#include "monitor/leaks.h"
#include "monitor/machine.h"

#define RETRY_MS 5 /* before a link that could not be had is asked for again */

struct waiting {
    struct waiting *next;
    struct urpc_message line;
};

struct port {
    struct waiting *first, **last;
    bool sending;  /* a fibre is at it */
    uint32_t life; /* of the core at the other end */
    uint32_t have, want, attempt;
    uint64_t word[AGREEMENT_WIRE_WORDS]; /* of what is coming in */
};

static struct port **ports;
static unsigned count;
static agreement_receiver receive;

err_t agreement_ports_init(unsigned cores, agreement_receiver receiver) {
    ports = calloc(cores, sizeof(struct port *)); /* their memory comes with the first message */
    count = cores;
    receive = receiver;
    return ports != NULL ? ERR_OK : ERR_NO_MEMORY;
}

static struct port *port_of(unsigned core) {
    if (core >= count) {
        return NULL;
    }
    if (ports[core] == NULL) {
        struct held before = leaks_made_from();
        ports[core] = calloc(1, sizeof(struct port));
        leaks_made_for_good(&before);
        if (ports[core] != NULL) {
            ports[core]->last = &ports[core]->first;
        }
    }
    return ports[core];
}

/* Sending. Lines that wait for a link come and go at their own pace: they are in no leak count. */

/* Of at most URPC_WORDS, which lie where they were packed. */
struct line {
    uint16_t type;
    unsigned words;
    const uint64_t *word;
};

static void append(struct port *port, unsigned to, const struct line *line) {
    struct waiting *waiting = calloc(1, sizeof(*waiting));
    if (waiting == NULL) {
        log_line("a message of the agreement for core %u was lost: no memory", to);
        return;
    }
    leaks_keep(0, 1);
    waiting->line.type = line->type;
    waiting->line.words = (uint16_t)line->words;
    memcpy(waiting->line.word, line->word, line->words * sizeof(*line->word));
    *port->last = waiting;
    port->last = &waiting->next;
}

static struct waiting *take_first(struct port *port) {
    struct waiting *first = port->first;
    port->first = first->next;
    if (port->first == NULL) {
        port->last = &port->first;
    }
    return first;
}

static void drop(struct waiting *waiting) {
    free(waiting);
    leaks_keep(0, -1);
}

static err_t send_now(unsigned to, const struct urpc_message *line) {
    const struct core *core = core_get((coreid_t)to);
    TRY(introduce((coreid_t)to));
    return link_send(core->link, line, time_deadline(peer_deadline_ms()));
}

/* A line that could not be sent is tried again: only the end of the core, which empties the queue, makes it futile. */
static void send_rest(void *argument) {
    unsigned to = *(const unsigned *)argument;
    struct port *port = ports[to];
    while (port->first != NULL) {
        struct waiting *line = take_first(port);
        uint32_t life = port->life;
        while (life == port->life && send_now(to, &line->line) != ERR_OK && life == port->life) {
            fibre_sleep_until(time_deadline(RETRY_MS));
        }
        drop(line);
    }
    port->sending = false;
}

static void send_line(struct port *port, unsigned to, struct link *link, const struct line *line) {
    if (!port->sending && link_works(link) &&
        channel_try_send_words(&link->channel, line->type, line->word, line->words) == ERR_OK) {
        return;
    }
    append(port, to, line);
    if (!port->sending) {
        port->sending = fibre_spawn(send_rest, &to, sizeof(to)) == ERR_OK;
    }
}

/* Packed once, for however many; the first line lies there as it goes, but for its address. */
struct packed {
    uint32_t attempt;
    bool answered; /* it will be */
    unsigned words;
    uint64_t word[1 + AGREEMENT_WIRE_WORDS];
};

static void pack(const struct agree_message *message, struct packed *packed) {
    packed->attempt = message->attempt;
    packed->answered = message->type == AGREE_ASK || message->type == AGREE_DECIDE;
    packed->words = agreement_pack(message, count, &packed->word[1]);
}

static uint64_t address(unsigned to, uint32_t token) {
    return this_core() | (uint64_t)to << 8 | (uint64_t)token << 32;
}

static void send_more(struct port *port, unsigned to, struct link *link, const struct packed *packed) {
    for (unsigned at = PEER_PAYLOAD; at < packed->words; at += PEER_PAYLOAD) {
        unsigned here = MIN(packed->words - at, PEER_PAYLOAD);
        uint64_t word[1 + PEER_PAYLOAD] = {address(to, at)};
        for (unsigned i = 0; i < here; i++) {
            word[1 + i] = packed->word[1 + at + i];
        }
        send_line(port, to, link, &(struct line){PEER_AGREE_MORE, 1 + here, word});
    }
}

static void send_packed(unsigned to, struct packed *packed) {
    struct port *port = port_of(to);
    struct link *link = core_get((coreid_t)to)->link;
    if (port == NULL) {
        return;
    }
    packed->word[0] = address(to, packed->attempt);
    send_line(port, to, link, &(struct line){PEER_AGREE, 1 + MIN(packed->words, PEER_PAYLOAD), packed->word});
    if (packed->words > PEER_PAYLOAD) {
        send_more(port, to, link, packed);
    }
    if (packed->answered && link_works(link)) {
        channel_expect(&link->channel);
    }
}

void agreement_port_send(unsigned to, const struct agree_message *message) {
    struct packed packed;
    pack(message, &packed);
    send_packed(to, &packed);
}

void agreement_port_send_each(const uint16_t to[], unsigned number, const struct agree_message *message) {
    struct packed packed;
    pack(message, &packed);
    for (unsigned i = 0; i < number; i++) {
        send_packed(to[i], &packed);
    }
}

/* Receiving */

/* `word` is all of it. */
static void take_whole(unsigned from, const uint64_t *word, uint32_t attempt) {
    struct agree_message message;
    agreement_unpack(word, &message);
    message.attempt = attempt;
    receive(from, &message);
}

static void take_first_line(struct port *port, const struct urpc_message *line) {
    port->have = 0;
    port->want = line->words >= 2 ? agreement_words(line->word[1]) : 0;
    port->attempt = (uint32_t)(line->word[0] >> 32);
}

void agreement_port_take(unsigned from, const struct urpc_message *line) {
    struct port *port = port_of(from);
    unsigned here = line->words - 1u;
    if (port == NULL || line->words < 2 || line->words > 1 + PEER_PAYLOAD) {
        return;
    }
    if (line->type == PEER_AGREE) {
        take_first_line(port, line);
        if (port->want == here) { /* as most are */
            port->want = 0;
            return take_whole(from, &line->word[1], port->attempt);
        }
    }
    bool fits = line->type == PEER_AGREE || line->word[0] >> 32 == port->have;
    if (!fits || here > port->want - port->have) {
        log_line("core %u sent a broken message of the agreement: dropped", from);
        port->want = port->have;
        return;
    }
    for (unsigned i = 0; i < here; i++) {
        port->word[port->have + i] = line->word[1 + i];
    }
    port->have += here;
    if (port->have == port->want) {
        take_whole(from, port->word, port->attempt);
    }
}

void agreement_port_end(unsigned core) {
    struct port *port = core < count ? ports[core] : NULL;
    if (port == NULL) {
        return;
    }
    while (port->first != NULL) {
        drop(take_first(port));
    }
    port->life++;
    port->have = port->want = 0;
}
