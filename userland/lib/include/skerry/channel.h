/* Channels: one end of a URPC channel (urpc.h) as an event source of this dispatcher.
   An awake channel is polled at every turn; after some quiet polls it is put to sleep, and costs nothing until the peer
   interrupts this core. What arrives goes to `receive`, which must not wait: it wakes fibres or spawns them. A channel ends
   when its peer breaks the protocol (FORMAT), or when channel_end says that there is no peer any more; then senders get
   PEER_DEAD, `ended` is called, and the frame is not touched again.

   Before the first channel is opened this dispatcher must listen (channel_listen): be reachable by wake-ups. */
#ifndef SKERRY_CHANNEL_H
#define SKERRY_CHANNEL_H

#include <skerry/fibre.h>
#include <skerry/urpc.h>

#define CHANNEL_NOTIFY_BIT 61 /* of this dispatcher's notify word: wake-ups of its channels */
#define CHANNEL_PATIENCE 256  /* polls without a message, at most, before an ordinary channel sleeps */

struct channel;
struct channel_sender;

/* How the receiver at the other end is woken; all zero: it never sleeps. */
struct channel_wake {
    capaddr_t
        core; /* CORE capability with the receiver's vector as its badge; CAP_NULL: it has no vector of its own, */
    uint32_t place; /* and its monitor, asked through ours, signals it: core << 16 | wake slot */
};

struct channel_request {
    void *frame; /* mapped and formatted (urpc_format) */
    size_t size;
    unsigned side;
    struct channel_wake wake; /* of the peer */
    uint32_t patience;        /* CHANNEL_PATIENCE; 0: sleep as soon as there is nothing */
    void (*receive)(struct channel *channel, const struct urpc_message *message);
    void (*ended)(struct channel *channel, err_t why); /* may be NULL */
    /* NULL, or asked first, in channels whose slots are whole lines, about a message as it lies in its slot: the peer may still
       change it, so each word is loaded once. True: it has been taken. */
    bool (*quick)(struct channel *channel, uint64_t header, const uint64_t *slot);
};

enum channel_state { CHANNEL_CLOSED, CHANNEL_AWAKE, CHANNEL_ASLEEP, CHANNEL_ENDED };

/* Make it the first member of what it is the channel of. */
struct channel {
    struct urpc urpc; /* first */
    struct channel_wake wake;
    const void *frame; /* that it lies in */
    uint8_t side;
    uint32_t label; /* as traces have it */
    void (*receive)(struct channel *channel, const struct urpc_message *message);
    void (*ended)(struct channel *channel, err_t why);
    bool (*quick)(struct channel *channel, uint64_t header, const uint64_t *slot);
    enum channel_state state;
    uint32_t quiet;    /* polls without a message */
    uint32_t expects;  /* of these even while others wait for the core: after channel_expect, until it sleeps */
    uint32_t patience; /* of these before it sleeps: grows when a message came in time, shrinks when not */
    uint32_t patience_most;
    struct channel *next, *before; /* among the awake ones */
    struct channel *owed;          /* the next one whose peer our monitor is to wake */
    bool owes;
    unsigned place;                 /* among the sleeping ones */
    struct fibre_queue room;        /* fibres that wait to send */
    struct channel_sender *senders; /* the same */
    uint64_t sleeps, wakes;         /* times that this end slept, that it woke the other */
};

/* Makes this dispatcher reachable by wake-ups, once: a monitor gives its interrupt capability; everybody else gives CAP_NULL
   and gets a vector of its own from the monitor, or, when there is none left, a share of the monitor's. */
[[nodiscard]] err_t channel_listen(capaddr_t irq);

/* The same, and leaves the vectors to others: its wake-ups go through the monitors. */
[[nodiscard]] err_t channel_listen_shared(void);

[[nodiscard]] err_t channel_open(struct channel *channel, const struct channel_request *request);

/* Sends, waiting for room until the deadline (TSC; 0: none). TIMEOUT: not sent; PEER_DEAD: the channel has ended.
   In `receive`, where nobody may wait: channel_try_send, which says BUSY instead. */
[[nodiscard]] err_t channel_send(struct channel *channel, const struct urpc_message *message, uint64_t deadline);
[[nodiscard]] err_t channel_try_send(struct channel *channel, const struct urpc_message *message);
[[nodiscard]] err_t channel_try_send_words(struct channel *channel, uint16_t type, const uint64_t *word,
                                           unsigned words); /* at most URPC_WORDS */

/* Something is to come soon: the channel is polled for a while. */
void channel_expect(struct channel *channel);

/* There is no peer any more. */
void channel_end(struct channel *channel, err_t why);

/* The owner's end of it: no callback any more, not even from the one that calls this; the memory is the owner's again. */
void channel_close(struct channel *channel);

#endif
