/* URPC: a channel between two cores, a shared frame with a ring each way.
   A message is a slot: a header, written last, and up to as many words of payload as a slot has beside it; the longer ones take
   several slots. Slots are whole lines of 64 bytes, or, for channels of short messages, a half or a quarter of one: then a
   line that moves between the cores carries two or four. Pure: the waker is a function that the owner gives, so that
   both ends also run on the host, in the unit tests. Protocol and proof are in urpc.c.

   Frame, in lines:   0      set-up: written before the frame is shared, then only read
                      1, 2   messages that side 0, side 1 has taken, for when there is no traffic to tell it with
                      3 ...  ring from side 0 to side 1, ring from side 1 to side 0

   A header: bits 0-15 type, 16-31 lap of the ring (never 0), 32-34 words in this slot, 39 more in the next slot, 40-63 messages
   taken of the other ring. */
#ifndef SKERRY_URPC_H
#define SKERRY_URPC_H

#include <skerry/base.h>
#include <skerry/urpc_memory.h>

#define URPC_WORDS 7
#define URPC_WORDS_MAX 63 /* of a long message */
#define URPC_LINE 64
#define URPC_HEAD_LINES 3
#define URPC_SLOTS_MIN 2
#define URPC_SLOTS_MAX 4096
#define URPC_MARK 1             /* in place of a header: the receiver sleeps until this slot is written */
#define URPC_WAITS (1ull << 63) /* in a word of acknowledgements: its reader sleeps until there is another figure */
#define URPC_HEADER(type, words) ((uint64_t)(type) | (uint64_t)(words) << 32)

struct urpc_message {
    uint64_t word[URPC_WORDS];
    uint16_t type;
    uint16_t words; /* how many of them count; the receiver's others stay what they were */
};

/* Chosen by who formats the frame. */
struct urpc_shape {
    uint32_t slot; /* bytes of a slot: 16, 32 or 64; 0 is 64 */
    uint32_t apic[2];
    uint32_t label; /* see urpc_label */
};

struct urpc {
    /* What the fast paths use. */
    uint64_t *tx;        /* next slot to write */
    uint64_t *tx_stop;   /* first one that is not known to be free, or the ring's end */
    uint64_t *rx;        /* next slot to read */
    uint64_t *rx_stop;   /* where to think about acknowledging: the middle or the end of the ring */
    uint64_t slot_bytes; /* of a slot */
    union {
        uint64_t whole; /* of the next message sent, but for type and words */
        struct {
            uint16_t type, lap;
            uint32_t taken; /* slots read << 8 */
        };
    } header;
    uint16_t rx_lap;

    bool broken;    /* the peer wrote something impossible */
    bool marked;    /* rx has our mark, as far as we know */
    bool waits;     /* our flag is in peer_ack, as far as we know */
    uint32_t slots; /* of a ring */
    uint64_t *tx_first, *tx_end, *rx_first, *rx_end;
    uint64_t *my_ack, *peer_ack;
    uint64_t tx_laps, rx_laps;
    uint64_t acked;              /* slots sent that are known to be taken */
    uint64_t read_at;            /* urpc_received when the last header's acknowledgement was looked at */
    uint64_t told;               /* slots read that the peer knows of */
    uint64_t told_at;            /* urpc_sent when we last thought about that */
    uint64_t unmarked;           /* what the mark stands on */
    void (*wake)(struct urpc *); /* interrupts the peer's core */
    uint64_t stalls;
};

/* Writes the set-up line of a new, zeroed frame: slots of a line. */
void urpc_format(void *frame, size_t size, const uint32_t apic[2]);

/* The same with another shape. ARGUMENT: it leaves no ring of at least two slots. */
[[nodiscard]] err_t urpc_format_as(void *frame, size_t size, const struct urpc_shape *shape);

/* Bytes that a frame needs for rings of so many slots. */
size_t urpc_size(const struct urpc_shape *shape, uint32_t slots);

/* Takes an end of a formatted frame. FORMAT: the set-up line is not what this size can have. */
[[nodiscard]] err_t urpc_open(struct urpc *channel, void *frame, size_t size, unsigned side);

/* APIC id that the set-up line gives for a side. */
uint32_t urpc_apic(const void *frame, unsigned side);

/* A number that both ends find in the set-up line, and hardly any other channel: for those who look at both. urpc_format
   makes one of the time. */
uint32_t urpc_label(const void *frame);

/* OK; BUSY: the window is full, nothing was sent; PEER_DEAD: the channel is broken. An end that sends must receive, too: once
   at least in each 2^23 slots. */
[[nodiscard]] static inline err_t urpc_send(struct urpc *channel, const struct urpc_message *message);

/* Up to URPC_WORDS_MAX words: in several slots, whole or not at all. ARGUMENT: they need more than a quarter of the ring. */
[[nodiscard]] err_t urpc_send_words(struct urpc *channel, uint16_t type, const uint64_t *word, unsigned words);

/* True when a message of so many words can be sent without BUSY, or the channel is broken. */
bool urpc_can_send(struct urpc *channel, unsigned words);

/* OK; NOT_READY: nothing has come; FORMAT: the peer broke the protocol, the channel is broken from now on. A longer message than
   there is room for breaks it, too. */
[[nodiscard]] err_t urpc_receive(struct urpc *channel, struct urpc_message *message);
struct urpc_words {
    uint64_t *word;
    unsigned room, count;
    uint16_t type;
};
[[nodiscard]] err_t urpc_receive_words(struct urpc *channel, struct urpc_words *words);

/* Asks for a wake-up when a message comes, or when there is room for one of so many words. False: that was there after all, and
   the channel stays awake. */
#define URPC_NO_ROOM (-1)
[[nodiscard]] bool urpc_sleep(struct urpc *channel, int room);
void urpc_awake(struct urpc *channel);

/* Has the peer marked that it sleeps? Whoever tells it something by another way than this channel stores that, fences, and asks. */
bool urpc_peer_sleeps(const struct urpc *channel);

/* Slots sent and received so far. */
uint64_t urpc_sent(const struct urpc *channel);
uint64_t urpc_received(const struct urpc *channel);

/* The rest of the fast paths below. */
[[nodiscard]] err_t urpc_send_stopped(struct urpc *channel, uint64_t header, uint64_t word);
void urpc_receive_stopped(struct urpc *channel);
void urpc_wake_peer(struct urpc *channel);
[[nodiscard]] err_t urpc_nothing(struct urpc *channel);

static inline uint64_t *urpc_next(const struct urpc *channel, uint64_t *slot) {
    return (uint64_t *)(void *)((char *)slot + channel->slot_bytes);
}

static inline err_t urpc_send(struct urpc *channel, const struct urpc_message *message) {
    return urpc_send_words(channel, message->type, message->word, MIN(message->words, URPC_WORDS));
}

/* Fast path: a message of one word. `header` is URPC_HEADER(type, 1). */
[[nodiscard]] static inline err_t urpc_send_word(struct urpc *channel, uint64_t header, uint64_t word) {
    uint64_t *slot = channel->tx;
    if (__builtin_expect(slot == channel->tx_stop, 0)) { /* S1 */
        return urpc_send_stopped(channel, header, word);
    }
    urpc_store(&slot[1], word);                                            /* S2 */
    uint64_t before = urpc_exchange(slot, header | channel->header.whole); /* S3 */
    channel->tx = urpc_next(channel, slot);
    if (__builtin_expect(before == URPC_MARK, 0)) { /* S4 */
        urpc_wake_peer(channel);
    }
    return ERR_OK;
}

/* Fast path for channels with slots of a whole line: the next one if it is free, its words from the second on to be stored
   (urpc_store) before it is sent; else NULL. */
static inline uint64_t *urpc_slot(const struct urpc *channel) {
    return __builtin_expect(channel->tx != channel->tx_stop, 1) ? channel->tx : NULL; /* S1 */
}

/* `header` is URPC_HEADER(type, words). */
static inline void urpc_slot_send(struct urpc *channel, uint64_t *slot, uint64_t header) {
    uint64_t before = urpc_exchange(slot, header | channel->header.whole); /* S3 */
    channel->tx = slot + URPC_LINE / sizeof(uint64_t);
    if (__builtin_expect(before == URPC_MARK, 0)) { /* S4 */
        urpc_wake_peer(channel);
    }
}

/* Has a message come? */
static inline bool urpc_ready(const struct urpc *channel) {
    return urpc_load_lap(channel->rx) == channel->rx_lap; /* R1 */
}

static inline void urpc_taken(struct urpc *channel, uint64_t *slot) {
    channel->rx = urpc_next(channel, slot);
    channel->header.taken += 1u << 8; /* R3 */
    if (__builtin_expect(channel->rx == channel->rx_stop, 0)) {
        urpc_receive_stopped(channel);
    }
}

/* Fast path: takes the first word of what is expected to be a message of one slot; returns as urpc_receive. */
[[nodiscard]] static inline err_t urpc_receive_word(struct urpc *channel, uint16_t *type, uint64_t *word) {
    uint64_t *slot = channel->rx;
    if (__builtin_expect(urpc_load_lap(slot) != channel->rx_lap, 0)) { /* R1 */
        return urpc_nothing(channel);
    }
    *type = (uint16_t)urpc_load(slot);
    *word = urpc_load(&slot[1]); /* R2 */
    urpc_taken(channel, slot);
    return ERR_OK;
}

/* Is there something for an end that sleeps? */
static inline bool urpc_stirred(const struct urpc *channel) {
    return urpc_load(channel->rx) != URPC_MARK || (channel->waits && (urpc_load(channel->peer_ack) & URPC_WAITS) == 0);
}

#endif
