/* URPC, both ends. Every access to the frame is an atomic load or store of a word; each word has one writer.

   Sending (S) and receiving (R) of a message:
     S1  the line is free: fewer than `lines` messages are unacknowledged
     S2  store the seven words
     S3  store the header with release: whoever sees it sees S2
     R1  load the header with acquire; its sequence is the one expected, or the message has not come
     R2  load the seven words, once
     R3  acknowledge: with the header of the next message the other way (S3), or, when half the window has been taken
         without one, with a release store to the own acknowledgement line; only after R2, so S1 does not hit R2

   Sleeping, so that no wake-up is lost (Z: the one that goes to sleep, S: the other):
     Z1  make the own sleep word odd
     Z2  full fence
     Z3  look once more for a message (R1), and for room if it waits for that; if there is, make the word even, stay awake
     Z4  block; a wake-up ends that, even one that came before
     S4  full fence, after S3 or after R3's store
     S5  load the peer's sleep word; if it is odd and has not been answered, wake the peer
   Either Z3 sees S3, or S5 sees Z1: the two fences forbid that both miss. [SDM3 9.2.3.4, loads pass earlier stores] */
#include <skerry/string.h>
#include <skerry/urpc.h>

#define LINE_SETUP 0
#define LINE_SLEEP 1
#define LINE_ACK 3
#define SEQUENCE_BITS 24
#define SEQUENCE_MASK ((1ul << SEQUENCE_BITS) - 1)

struct setup_line {
    uint64_t magic;
    uint64_t lines;
    uint64_t apic[2];
};

static uint64_t load(const uint64_t *word) {
    return __atomic_load_n(word, __ATOMIC_RELAXED);
}

static uint64_t load_acquire(const uint64_t *word) {
    return __atomic_load_n(word, __ATOMIC_ACQUIRE);
}

static void store(uint64_t *word, uint64_t value) {
    __atomic_store_n(word, value, __ATOMIC_RELAXED);
}

static void store_release(uint64_t *word, uint64_t value) {
    __atomic_store_n(word, value, __ATOMIC_RELEASE);
}

/* Header: bits 0-15 type, 16-39 sequence, 40-63 acknowledgement. */
static uint64_t header_make(uint16_t type, uint64_t sequence, uint64_t ack) {
    return type | (sequence & SEQUENCE_MASK) << 16 | (ack & SEQUENCE_MASK) << 40;
}

static uint64_t header_sequence(uint64_t header) {
    return header >> 16 & SEQUENCE_MASK;
}

static uint64_t header_ack(uint64_t header) {
    return header >> 40 & SEQUENCE_MASK;
}

uint32_t urpc_lines(size_t size) {
    size_t lines = size / URPC_LINE;
    return lines < URPC_HEAD_LINES ? 0 : (uint32_t)MIN((lines - URPC_HEAD_LINES) / 2, (size_t)URPC_LINES_MAX);
}

static struct urpc_line *line_at(void *frame, size_t index) {
    return (struct urpc_line *)frame + index;
}

void urpc_format(void *frame, size_t size, const uint32_t apic[2]) {
    struct setup_line *setup = frame;
    store(&setup->lines, urpc_lines(size));
    store(&setup->apic[0], apic[0]);
    store(&setup->apic[1], apic[1]);
    store_release(&setup->magic, URPC_MAGIC);
}

uint32_t urpc_apic(const void *frame, unsigned side) {
    const struct setup_line *setup = frame;
    return (uint32_t)load(&setup->apic[side]);
}

err_t urpc_open(struct urpc *channel, void *frame, size_t size, unsigned side) {
    const struct setup_line *setup = frame;
    uint32_t lines = urpc_lines(size);
    if (lines < URPC_LINES_MIN || side > 1 || load_acquire(&setup->magic) != URPC_MAGIC ||
        load(&setup->lines) != lines) {
        return ERR_FORMAT;
    }
    unsigned peer = 1 - side;
    *channel = (struct urpc){
        .tx = line_at(frame, URPC_HEAD_LINES + side * lines),
        .rx = line_at(frame, URPC_HEAD_LINES + peer * lines),
        .my_sleep = line_at(frame, LINE_SLEEP + side)->word,
        .peer_sleep = line_at(frame, LINE_SLEEP + peer)->word,
        .my_ack = line_at(frame, LINE_ACK + side)->word,
        .peer_ack = line_at(frame, LINE_ACK + peer)->word,
        .lines = lines,
    };
    return ERR_OK;
}

/* Takes over an acknowledgement: messages that the peer has taken. An old one is no offence, for the two ways that they
   travel are not ordered; one of messages that were never sent is. */
static bool take_ack(struct urpc *channel, uint64_t taken) {
    if (taken > channel->tx_count) {
        return false;
    }
    channel->tx_acked = MAX(channel->tx_acked, taken);
    return true;
}

/* A header has only the low bits, and may have waited in its ring for a long while: what lies behind the last one by up to
   half of the numbers is old. */
static bool take_header_ack(struct urpc *channel, uint64_t header) {
    uint64_t ahead = (header_ack(header) - channel->tx_acked) & SEQUENCE_MASK;
    return ahead > SEQUENCE_MASK / 2 || take_ack(channel, channel->tx_acked + ahead);
}

static bool window_full(const struct urpc *channel) {
    return channel->tx_count - channel->tx_acked >= channel->lines;
}

/* S4, S5 */
static void wake_peer(struct urpc *channel) {
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    uint64_t sleep = load(channel->peer_sleep);
    if ((sleep & 1) == 0 || sleep == channel->woken) {
        return;
    }
    channel->woken = sleep;
    channel->wakes++;
    if (channel->wake != NULL) {
        channel->wake(channel);
    }
}

static err_t broken(struct urpc *channel) {
    channel->broken = true;
    return ERR_FORMAT;
}

bool urpc_can_send(struct urpc *channel) {
    if (window_full(channel) && !take_ack(channel, load_acquire(channel->peer_ack))) {
        (void)broken(channel);
    }
    return channel->broken || !window_full(channel);
}

err_t urpc_send(struct urpc *channel, const struct urpc_message *message) {
    if (!urpc_can_send(channel)) { /* S1 */
        channel->stalls++;
        return ERR_BUSY;
    }
    if (channel->broken) {
        return ERR_PEER_DEAD;
    }
    struct urpc_line *line = &channel->tx[channel->tx_index];
    for (unsigned i = 0; i < URPC_WORDS; i++) { /* S2 */
        store(&line->word[i], message->word[i]);
    }
    channel->tx_count++;
    channel->rx_told = channel->rx_count;
    store_release(&line->header, header_make(message->type, channel->tx_count, channel->rx_count)); /* S3 */
    channel->tx_index = channel->tx_index + 1 == channel->lines ? 0 : channel->tx_index + 1;
    channel->sent++;
    wake_peer(channel);
    return ERR_OK;
}

/* R1 without taking it. A line holds the message expected, or the one of the lap before. */
static err_t peek(struct urpc *channel, uint64_t *header) {
    if (channel->broken) {
        return ERR_FORMAT;
    }
    *header = load_acquire(&channel->rx[channel->rx_index].header);
    uint64_t expected = (channel->rx_count + 1) & SEQUENCE_MASK;
    uint64_t sequence = header_sequence(*header);
    if (sequence == expected && *header != 0) {
        return ERR_OK;
    }
    bool first_lap = channel->rx_count < channel->lines;
    uint64_t before = first_lap ? 0 : (expected - channel->lines) & SEQUENCE_MASK;
    return sequence == before ? ERR_NOT_READY : broken(channel);
}

/* R3 without traffic. */
static void acknowledge(struct urpc *channel) {
    if (channel->rx_count - channel->rx_told < (channel->lines + 1) / 2) {
        return;
    }
    channel->rx_told = channel->rx_count;
    store_release(channel->my_ack, channel->rx_count);
    wake_peer(channel);
}

err_t urpc_receive(struct urpc *channel, struct urpc_message *message) {
    uint64_t header;
    TRY(peek(channel, &header));
    if (!take_header_ack(channel, header)) {
        return broken(channel);
    }
    const struct urpc_line *line = &channel->rx[channel->rx_index];
    for (unsigned i = 0; i < URPC_WORDS; i++) { /* R2 */
        message->word[i] = load(&line->word[i]);
    }
    message->type = (uint16_t)header;
    channel->rx_count++;
    channel->rx_index = channel->rx_index + 1 == channel->lines ? 0 : channel->rx_index + 1;
    channel->received++;
    acknowledge(channel);
    return ERR_OK;
}

bool urpc_stirred(struct urpc *channel) {
    uint64_t header;
    return peek(channel, &header) != ERR_NOT_READY || (channel->wants_room && urpc_can_send(channel));
}

bool urpc_sleep(struct urpc *channel, bool wants_room) {
    channel->wants_room = wants_room;
    store(channel->my_sleep, ++channel->sleep); /* Z1 */
    __atomic_thread_fence(__ATOMIC_SEQ_CST);    /* Z2 */
    if (!urpc_stirred(channel)) {               /* Z3 */
        return true;
    }
    urpc_awake(channel);
    return false;
}

void urpc_awake(struct urpc *channel) {
    if ((channel->sleep & 1) != 0) {
        store(channel->my_sleep, ++channel->sleep);
    }
}
