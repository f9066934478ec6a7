/* URPC: a channel between two cores, a shared frame with a ring each way.
   A message is one 64-byte line: seven words and a header written last, which holds the sequence number, an
   acknowledgement for the other ring, and the message's type. Pure: the waker is a function that the owner gives, so
   that both ends also run on the host, in the unit tests.

   Frame, in lines:   0      set-up: written before the frame is shared, then only read
                      1, 2   sleep word of side 0, side 1: odd while that side wants a wake-up for the next message
                      3, 4   acknowledgement of side 0, side 1, for when there is no traffic to ride on
                      6 ...  ring from side 0 to side 1, then ring from side 1 to side 0
   Each line has one writer. */
#ifndef SKERRY_URPC_H
#define SKERRY_URPC_H

#include <skerry/base.h>

#define URPC_WORDS 7
#define URPC_TYPE_MAX 0xffff
#define URPC_LINE 64
#define URPC_HEAD_LINES 6
#define URPC_LINES_MIN 2
#define URPC_LINES_MAX 4096
#define URPC_MAGIC 0x31435052555953 /* "SYURPC1" */

struct urpc_message {
    uint64_t word[URPC_WORDS];
    uint16_t type;  /* up to URPC_TYPE_MAX */
    uint16_t words; /* how many of them count; the receiver's others stay what they were */
};

struct urpc_line {
    uint64_t word[URPC_WORDS];
    uint64_t header;
} __attribute__((aligned(URPC_LINE)));

struct urpc {
    struct urpc_line *tx, *rx;
    uint64_t *my_sleep, *peer_sleep, *my_ack, *peer_ack;
    void (*wake)(struct urpc *); /* interrupts the peer's core */
    uint32_t lines;
    uint64_t tx_count; /* messages sent */
    uint64_t tx_acked; /* of these, known to be taken */
    uint32_t tx_index; /* line of the next one */
    uint64_t rx_count; /* messages taken */
    uint64_t rx_told;  /* of these, acknowledged so far */
    uint32_t rx_index;
    uint64_t sleep; /* my sleep word */
    uint64_t woken; /* the peer's sleep word that I last answered with a wake-up */
    uint64_t sent, received, stalls, wakes;
    bool wants_room; /* it sleeps until there is some */
    bool broken;     /* the peer wrote something impossible */
};

/* Lines a ring gets in a frame of this size. */
uint32_t urpc_lines(size_t size);

/* Writes the set-up line of a new, zeroed frame. */
void urpc_format(void *frame, size_t size, const uint32_t apic[2]);

/* Takes an end of a formatted frame. FORMAT: the set-up line is not what this size must have. */
[[nodiscard]] err_t urpc_open(struct urpc *channel, void *frame, size_t size, unsigned side);

/* APIC id that the set-up line gives for a side. */
uint32_t urpc_apic(const void *frame, unsigned side);

/* OK; BUSY: the window is full, nothing was sent; PEER_DEAD: the channel is broken. */
[[nodiscard]] err_t urpc_send(struct urpc *channel, const struct urpc_message *message);

/* True when a message can be sent without BUSY. */
bool urpc_can_send(struct urpc *channel);

/* OK; NOT_READY: nothing has come; FORMAT: the peer broke the protocol, the channel is broken from now on. */
[[nodiscard]] err_t urpc_receive(struct urpc *channel, struct urpc_message *message);

/* Asks for a wake-up. False: a message, or room to send, was there after all and the channel stays awake. */
[[nodiscard]] bool urpc_sleep(struct urpc *channel, bool wants_room);
void urpc_awake(struct urpc *channel);

/* Is there what a sleeping end waits for? */
[[nodiscard]] bool urpc_stirred(struct urpc *channel);

#endif
