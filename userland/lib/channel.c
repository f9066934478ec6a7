/* Polling, sleeping, waking and ending of this dispatcher's channels.
   Awake channels are in a list that each turn goes through. Sleeping ones are in an array that is looked at after a wake-up
   only, a word a channel. Callbacks may open, end and close any channel: `poll_next` and `polled` follow. */
#include <abi/stubs.h>
#include <skerry/channel.h>
#include <skerry/dispatcher.h>
#include <skerry/event.h>
#include <skerry/heap.h>
#include <skerry/log.h>
#include <skerry/slots.h>
#include <skerry/string.h>

#include "lib/channel_internal.h"
#include "lib/channel_trace.h"

#define PATIENCE_MIN 8
#define EXPECTED_POLLS 32 /* in vain, for something expected, while others wait for the core */
#define BURST 16          /* messages taken from one channel before the next one's turn */

/* A fibre that waits for room; on its stack. The channel may be gone when it runs again. */
struct channel_sender {
    struct channel_sender *next;
    unsigned words;
    bool ended;
};

/* What is looked at after a wake-up, close together. */
struct sleeper {
    const uint64_t *mark;
    struct channel *channel;
};

static struct channel *awake;     /* the first */
static struct channel *poll_next; /* whose turn is after the one polled */
static struct channel *polled;    /* NULL as soon as it is closed or has ended */
static struct sleeper *asleep;
static unsigned asleep_count, asleep_room, channel_count;
static bool tired;             /* one has been polled in vain as often as it may be */
static unsigned thirsty;       /* sleeping ones that wait for room, too */
static struct event *wake_ups; /* NULL: this dispatcher does not listen yet */

static bool is_open(const struct channel *channel) {
    return channel->state == CHANNEL_AWAKE || channel->state == CHANNEL_ASLEEP;
}

static void awake_add(struct channel *channel) {
    channel->before = NULL;
    channel->next = awake;
    if (awake != NULL) {
        awake->before = channel;
    }
    awake = channel;
    channel->state = CHANNEL_AWAKE;
    channel->quiet = 0;
    tired |= channel->patience == 0;
}

static void awake_remove(struct channel *channel) {
    poll_next = poll_next == channel ? channel->next : poll_next;
    *(channel->before != NULL ? &channel->before->next : &awake) = channel->next;
    if (channel->next != NULL) {
        channel->next->before = channel->before;
    }
}

static void asleep_remove(struct channel *channel) {
    struct sleeper last = asleep[--asleep_count];
    asleep[channel->place] = last;
    last.channel->place = channel->place;
    thirsty -= channel->urpc.waits;
}

/* There is always room: channel_open saw to it. */
static void asleep_add(struct channel *channel) {
    channel->place = asleep_count;
    asleep[asleep_count++] = (struct sleeper){channel->urpc.rx, channel};
    thirsty += channel->urpc.waits;
    channel->state = CHANNEL_ASLEEP;
}

static void wake(struct channel *channel) {
    channel->quiet = 0;
    if (channel->state != CHANNEL_ASLEEP) {
        return;
    }
    asleep_remove(channel);
    urpc_awake(&channel->urpc);
    channel_trace(channel, TRACE_KIND_AWAKE);
    awake_add(channel);
}

/* After a wake-up: whose was it? Whoever wakes is replaced by one that has been looked at. */
static void wake_stirred(void) {
    for (unsigned i = asleep_count; i-- > 0;) {
        if (urpc_load(asleep[i].mark) != URPC_MARK) {
            wake(asleep[i].channel);
        }
    }
    for (unsigned i = asleep_count; thirsty > 0 && i-- > 0;) {
        if (urpc_stirred(&asleep[i].channel->urpc)) {
            wake(asleep[i].channel);
        }
    }
}

static bool give_room(struct channel *channel) {
    if (channel->senders == NULL || !urpc_can_send(&channel->urpc, channel->senders->words)) {
        return false;
    }
    fibre_wake_all(&channel->room);
    return true;
}

/* What is no message is looked at when the channel would sleep, if it comes to that. */
static bool end_if_broken(struct channel *channel) {
    if (!channel->urpc.broken) {
        return false;
    }
    channel_end(channel, ERR_FORMAT);
    return true;
}

/* The long way of a message. False: there was none after all. */
static bool take_one(struct channel *channel) {
    struct urpc_message message;
    if (urpc_receive(&channel->urpc, &message) != ERR_OK) {
        return false;
    }
    channel_trace_received(channel);
    channel->receive(channel, &message);
    return true;
}

/* True if there was anything. */
static bool take(struct channel *channel) {
    unsigned taken = 0;
    for (polled = channel; taken < BURST && urpc_ready(&channel->urpc); taken++) {
        uint64_t *slot = channel->urpc.rx;
        bool quick = channel->quick != NULL && channel->quick(channel, urpc_load(slot), slot);
        if (!quick && !take_one(channel)) {
            break;
        }
        if (polled != channel) { /* closed or ended */
            return true;
        }
        if (quick) {
            urpc_taken(&channel->urpc, slot);
            channel_trace_received(channel);
        }
    }
    return end_if_broken(channel) || give_room(channel) || taken > 0;
}

static void learn(struct channel *channel, bool any) {
    if (!any) {
        tired |= ++channel->quiet >= channel->patience;
        return;
    }
    channel->quiet = 0;
    tired |= channel->patience == 0;
    if (channel->patience < channel->patience_most) {
        channel->patience = MIN(channel->patience * 2, channel->patience_most);
    }
}

static bool poll(void) {
    bool any = false;
    if (wake_ups->raised) { /* by events_poll, just now */
        wake_ups->raised = false;
        wake_stirred();
    }
    for (struct channel *channel = awake; channel != NULL; channel = poll_next) {
        poll_next = channel->next;
        if (!urpc_ready(&channel->urpc) && channel->senders == NULL && !channel->urpc.broken) {
            learn(channel, false);
            continue;
        }
        bool news = take(channel);
        any |= news;
        if (polled == channel && channel->state == CHANNEL_AWAKE) {
            learn(channel, news);
        }
    }
    polled = NULL;
    return any;
}

static void try_sleep(struct channel *channel) {
    channel->quiet = 0;
    channel->expects = 0;
    if (urpc_sleep(&channel->urpc, channel->senders != NULL ? (int)channel->senders->words : URPC_NO_ROOM)) {
        channel->sleeps++;
        channel_trace(channel, TRACE_KIND_SLEEP);
        awake_remove(channel);
        asleep_add(channel);
    } else {
        (void)end_if_broken(channel);
    }
}

/* Who polls while others wait for the core takes from them, and pays with its own share: only for what is expected.
   True while a channel is still worth polling, or a wake-up has been noticed that nobody has looked into. */
static bool idle(void) {
    bool contended = dispatcher_frame()->contended != 0;
    for (struct channel *channel = tired || contended ? awake : NULL; channel != NULL; channel = poll_next) {
        poll_next = channel->next;
        if (channel->quiet >= channel->patience || (contended && channel->quiet >= channel->expects)) {
            channel->patience = channel->patience > PATIENCE_MIN ? channel->patience / 2 : channel->patience;
            try_sleep(channel);
        }
    }
    tired = false;
    return awake != NULL || wake_ups->raised;
}

/* Who does not run cannot poll: a peer that takes this end for awake would wait until its next turn. */
static void rest(void) {
    for (struct channel *channel = awake; channel != NULL; channel = poll_next) {
        poll_next = channel->next;
        try_sleep(channel);
    }
}

static struct event_source source = {.poll = poll, .idle = idle, .rest = rest};

static err_t listen(capaddr_t irq, enum monitor_listen how) {
    PINNED();
    capaddr_t notification;
    if (wake_ups != NULL) {
        return ERR_OK;
    }
    TRY(slot_alloc(&notification));
    TRY(dispatcher_notification(CAP_DISPATCHER, slot_word(notification), CHANNEL_NOTIFY_BIT));
    TRY(irq != CAP_NULL ? irq_bind(irq, notification) : channel_listen_by_monitor(notification, how));
    wake_ups = notification_event(CHANNEL_NOTIFY_BIT);
    event_source_add(&source);
    return ERR_OK;
}

err_t channel_listen(capaddr_t irq) {
    return listen(irq, MONITOR_LISTEN_OWN);
}

err_t channel_listen_shared(void) {
    return listen(CAP_NULL, MONITOR_LISTEN_SHARED);
}

static err_t reserve_place(void) {
    if (channel_count == asleep_room) {
        unsigned room = MAX(2 * asleep_room, 16u);
        struct sleeper *larger = calloc(room, sizeof(*larger));
        if (larger == NULL) {
            return ERR_NO_MEMORY;
        }
        memcpy(larger, asleep, asleep_count * sizeof(*larger));
        free(asleep);
        asleep = larger;
        asleep_room = room;
    }
    channel_count++;
    return ERR_OK;
}

err_t channel_open(struct channel *channel, const struct channel_request *request) {
    PINNED();
    struct channel made = {
        .wake = request->wake,
        .frame = request->frame,
        .side = (uint8_t)request->side,
        .receive = request->receive,
        .ended = request->ended,
        .quick = request->quick,
        .patience = MIN(PATIENCE_MIN, request->patience),
        .patience_most = request->patience,
    };
    TRY(urpc_open(&made.urpc, request->frame, request->size, request->side));
    made.label = urpc_label(request->frame);
    if (made.urpc.slot_bytes != URPC_LINE) {
        made.quick = NULL;
    }
    TRY(reserve_place());
    made.urpc.wake = channel_wake_peer;
    *channel = made;
    awake_add(channel);
    return ERR_OK;
}

const struct channel *channel_in(const void *frame) {
    for (const struct channel *channel = awake; channel != NULL; channel = channel->next) {
        if (channel->frame == frame) {
            return channel;
        }
    }
    for (unsigned i = 0; i < asleep_count; i++) {
        if (asleep[i].channel->frame == frame) {
            return asleep[i].channel;
        }
    }
    return NULL;
}

void channel_expect(struct channel *channel) {
    channel->expects = EXPECTED_POLLS;
    wake(channel);
}

err_t channel_try_send_words(struct channel *channel, uint16_t type, const uint64_t *word, unsigned words) {
    PINNED();
    if (!is_open(channel)) {
        return ERR_PEER_DEAD;
    }
    TRY(urpc_send_words(&channel->urpc, type, word, words));
    channel_trace_sent(channel);
    return ERR_OK;
}

err_t channel_try_send(struct channel *channel, const struct urpc_message *message) {
    return channel_try_send_words(channel, message->type, message->word, MIN(message->words, URPC_WORDS));
}

static struct channel_sender **sender_place(struct channel *channel, const struct channel_sender *sender) {
    struct channel_sender **at = &channel->senders;
    while (*at != sender) {
        at = &(*at)->next;
    }
    return at;
}

static bool wait_for_room(struct channel *channel, struct channel_sender *sender, uint64_t deadline) {
    wake(channel); /* or it would sleep without asking for room */
    sender->next = NULL;
    *sender_place(channel, NULL) = sender;
    channel_trace(channel, TRACE_KIND_FULL);
    bool woken = fibre_wait(&channel->room, deadline);
    if (!sender->ended) {
        *sender_place(channel, sender) = sender->next;
    }
    return woken;
}

static err_t send_when_there_is_room(struct channel *channel, const struct urpc_message *message, uint64_t deadline) {
    struct channel_sender sender = {.words = message->words};
    err_t err;
    while ((err = channel_try_send(channel, message)) == ERR_BUSY) {
        bool woken = wait_for_room(channel, &sender, deadline);
        if (sender.ended) {
            return ERR_PEER_DEAD;
        }
        if (!woken) {
            return ERR_TIMEOUT;
        }
    }
    return err;
}

err_t channel_send(struct channel *channel, const struct urpc_message *message, uint64_t deadline) {
    PINNED();
    err_t err = channel_try_send(channel, message);
    return err != ERR_BUSY ? err : send_when_there_is_room(channel, message, deadline);
}

/* Out of all lists; those who wait for room are told. */
static void leave(struct channel *channel, enum channel_state state) {
    polled = polled == channel ? NULL : polled;
    if (channel->state == CHANNEL_AWAKE) {
        awake_remove(channel);
    } else if (channel->state == CHANNEL_ASLEEP) {
        asleep_remove(channel);
    }
    channel_count -= is_open(channel);
    channel->state = state;
    channel_wake_forget(channel);
    for (struct channel_sender *sender = channel->senders; sender != NULL; sender = sender->next) {
        sender->ended = true;
    }
    channel->senders = NULL;
    fibre_wake_all(&channel->room);
}

void channel_end(struct channel *channel, err_t why) {
    PINNED();
    if (!is_open(channel)) {
        return;
    }
    leave(channel, CHANNEL_ENDED);
    if (channel->ended != NULL) {
        channel->ended(channel, why);
    }
}

void channel_close(struct channel *channel) {
    PINNED();
    leave(channel, CHANNEL_CLOSED);
}
