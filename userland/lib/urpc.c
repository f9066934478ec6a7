/* URPC, both ends. Each word of the frame has one writer, but for two that both ends change by atomic exchange: the header of
   the slot that the receiver expects next, and the two words of acknowledgements.

   Sending (S) and receiving (R) of a message:
     S1  the slots that it needs are free: fewer than `slots` are unacknowledged
     S2  store the words; of a message of several slots also the headers after the first, whole messages are seen or nothing
     S3  exchange the first header: whoever sees the new one sees S2
     S4  if the old one was the mark, the receiver sleeps: wake it
     R1  load the header with acquire: its lap is the one expected, or the message has not come
     R2  load the words, once
     R3  acknowledge, only after R2, so that S1 does not hit R2: with the header of the next message the other way (S3), or,
         when half a ring was taken and a quarter of one not told so, with an exchange of the own word of acknowledgements
     R4  if that had the flag URPC_WAITS, the sender sleeps until there is room: wake it

   Sleeping (Z), so that no wake-up is lost:
     Z1  replace the header expected next by the mark, if it is still the old one; else a message has come: stay awake
     Z2  who waits for room: flag the peer's word of acknowledgements, if it is still the one that leaves no room; else there
         may be room: stay awake. (An acknowledgement with a header is a message, and Z1 is before Z2.)
     Z3  block; a wake-up ends that, even one that came before
     Z4  awake: put back what Z1 replaced, if the mark is still there
   S3 and Z1 change the same word, and so do R3 and Z2: whichever is first, the second one sees it. Either Z1 fails, and there is
   no sleep, or S3 finds the mark, and there is a wake-up. That takes no fence, and no line beside the message's own.
   A header of any lap but those of Z1, S3 and the lap before is the peer's offence, and breaks the channel. */
#include "lib/urpc_internal.h"

#define WORDS_MASK 7
#define MORE (1ull << 39)
#define TAKEN_SHIFT 40
#define TAKEN_MASK ((1ull << 24) - 1)

/* Where an end that is broken looks: nothing comes here and nothing goes. */
static uint64_t nowhere[URPC_LINE / sizeof(uint64_t)];

static uint16_t header_lap(uint64_t header) {
    return (uint16_t)(header >> 16);
}

static unsigned header_words(uint64_t header) {
    return header >> 32 & WORDS_MASK;
}

static uint64_t slots_between(const struct urpc *channel, const uint64_t *from, const uint64_t *to) {
    return (uint64_t)((const char *)to - (const char *)from) / channel->slot_bytes;
}

uint64_t urpc_sent(const struct urpc *channel) {
    return channel->broken ? channel->acked
                           : channel->tx_laps * channel->slots + slots_between(channel, channel->tx_first, channel->tx);
}

uint64_t urpc_received(const struct urpc *channel) {
    return channel->broken ? channel->read_at
                           : channel->rx_laps * channel->slots + slots_between(channel, channel->rx_first, channel->rx);
}

/* Every fast path ends up in its slow one from now on, and those say so. */
static err_t broken(struct urpc *channel) {
    if (!channel->broken) {
        channel->acked = urpc_sent(channel);
        channel->read_at = urpc_received(channel);
        channel->broken = true;
        channel->tx = channel->tx_stop = channel->rx = nowhere;
        channel->rx_lap = urpc_lap(0);
    }
    return ERR_FORMAT;
}

void urpc_wake_peer(struct urpc *channel) {
    if (channel->wake != NULL) {
        channel->wake(channel);
    }
}

static uint64_t slot_before(const struct urpc *channel, const uint64_t *slot) {
    return urpc_load_acquire((const uint64_t *)(const void *)((const char *)slot - channel->slot_bytes));
}

/* Of the last slot that was read: what the peer wrote there, or already that of a lap later. */
static uint64_t last_header(const struct urpc *channel) {
    return slot_before(channel, channel->rx != channel->rx_first ? channel->rx : channel->rx_end);
}

/* What the peer has taken, by its word of acknowledgements and by the last message that came from it. An old figure is no
   offence, for the two ways that they travel are not ordered; one of messages that were never sent is. A header has only the
   low bits: those that could be of what is under way count, and only once for each message. */
static bool learn(struct urpc *channel) {
    uint64_t sent = urpc_sent(channel), received = urpc_received(channel);
    uint64_t taken = urpc_load_acquire(channel->peer_ack) & ~URPC_WAITS;
    if (taken > sent) {
        return false;
    }
    channel->acked = MAX(channel->acked, taken);
    if (channel->read_at != received) {
        channel->read_at = received;
        uint64_t ahead = ((last_header(channel) >> TAKEN_SHIFT) - channel->acked) & TAKEN_MASK;
        channel->acked += ahead <= sent - channel->acked ? ahead : 0;
    }
    return true;
}

/* S1. How many slots are free. */
static uint64_t look_for_room(struct urpc *channel) {
    if (channel->tx == channel->tx_end) {
        channel->tx = channel->tx_stop = channel->tx_first;
        channel->header.lap = urpc_lap(++channel->tx_laps);
    }
    if (!learn(channel)) {
        (void)broken(channel);
        return 0;
    }
    uint64_t free = channel->slots - (urpc_sent(channel) - channel->acked);
    uint64_t run = MIN(free, slots_between(channel, channel->tx, channel->tx_end));
    channel->tx_stop = (uint64_t *)(void *)((char *)channel->tx + run * channel->slot_bytes);
    return free;
}

static unsigned words_a_slot(const struct urpc *channel) {
    return (unsigned)(channel->slot_bytes / sizeof(uint64_t)) - 1;
}

static unsigned slots_for(const struct urpc *channel, unsigned words) {
    unsigned each = words_a_slot(channel);
    return words <= each ? 1 : (words + each - 1) / each;
}

/* As many slots as may wait for an acknowledgement when half a ring has been read; hence no message may need more, or it could
   wait for ever for the rest. */
static uint64_t quarter(const struct urpc *channel) {
    return MAX(channel->slots / 4, 1u);
}

bool urpc_can_send(struct urpc *channel, unsigned words) {
    if (channel->broken) {
        return true;
    }
    unsigned wanted = slots_for(channel, words);
    return slots_between(channel, channel->tx, channel->tx_stop) >= wanted || look_for_room(channel) >= wanted ||
           channel->broken;
}

/* Where the slot after this one is, which lap it has then. */
static uint64_t *step(const struct urpc *channel, uint64_t *slot, uint64_t *laps) {
    uint64_t *next = urpc_next(channel, slot);
    if (next != channel->tx_end) {
        return next;
    }
    ++*laps;
    return channel->tx_first;
}

struct piece {
    uint64_t *slot;
    uint64_t header; /* but for the lap */
    uint64_t laps;
    const uint64_t *word;
};

static uint64_t piece_write(const struct piece *piece) { /* S2 */
    for (unsigned i = 0; i < header_words(piece->header); i++) {
        urpc_store(&piece->slot[1 + i], piece->word[i]);
    }
    return piece->header | (uint64_t)urpc_lap(piece->laps) << 16;
}

/* There is room. All slots but the first, then that one. */
static void send_pieces(struct urpc *channel, uint64_t head, const uint64_t *word, unsigned words) {
    unsigned each = words_a_slot(channel), left = words - MIN(words, each);
    uint64_t *first = channel->tx;
    uint64_t laps = channel->tx_laps;
    struct piece piece = {.word = word + MIN(words, each)};
    uint64_t *next = step(channel, first, &laps);
    for (; left > 0; next = step(channel, next, &laps)) {
        unsigned some = MIN(left, each);
        left -= some;
        piece = (struct piece){next, head | URPC_HEADER(0, some) | (left > 0 ? MORE : 0), laps, piece.word};
        urpc_store_release(next, piece_write(&piece));
        piece.word += some;
    }
    head |= URPC_HEADER(0, MIN(words, each)) | (words > each ? MORE : 0);
    piece = (struct piece){first, head, channel->tx_laps, word};
    uint64_t before = urpc_exchange(first, piece_write(&piece)); /* S3 */
    channel->tx = next;
    if (laps !=
        channel->tx_laps) { /* also when it ends with the ring: then there is no run at the start of the next yet */
        channel->tx_laps = laps;
        channel->header.lap = urpc_lap(laps);
        (void)look_for_room(channel);
    }
    if (before == URPC_MARK) { /* S4 */
        urpc_wake_peer(channel);
    }
}

/* Something else than one slot for which there is room. */
[[gnu::noinline]] static err_t send_stopped(struct urpc *channel, uint16_t type, const uint64_t *word, unsigned words) {
    if (words > URPC_WORDS_MAX || slots_for(channel, words) > quarter(channel)) {
        return ERR_ARGUMENT;
    }
    if (!urpc_can_send(channel, words)) { /* S1 */
        channel->stalls++;
        return ERR_BUSY;
    }
    if (channel->broken) {
        return ERR_PEER_DEAD;
    }
    send_pieces(channel, URPC_HEADER(type, 0) | (uint64_t)channel->header.taken << 32, word, words);
    return ERR_OK;
}

err_t urpc_send_words(struct urpc *channel, uint16_t type, const uint64_t *word, unsigned words) {
    uint64_t *slot = channel->tx;
    if (slot == channel->tx_stop || (1 + words) * sizeof(*word) > channel->slot_bytes) { /* S1 */
        return send_stopped(channel, type, word, words);
    }
    for (unsigned i = 0; i < words; i++) {
        urpc_store(&slot[1 + i], word[i]); /* S2 */
    }
    uint64_t before = urpc_exchange(slot, URPC_HEADER(type, words) | channel->header.whole); /* S3 */
    channel->tx = urpc_next(channel, slot);
    if (before == URPC_MARK) { /* S4 */
        urpc_wake_peer(channel);
    }
    return ERR_OK;
}

err_t urpc_send_stopped(struct urpc *channel, uint64_t header, uint64_t word) {
    return urpc_send_words(channel, (uint16_t)header, &word, 1);
}

/* Is this what the message expected will take the place of? */
static bool is_old(const struct urpc *channel, uint64_t header) {
    return channel->rx_laps == 0 ? header == 0 : header_lap(header) == urpc_lap(channel->rx_laps - 1);
}

/* R1, when it is not the message expected. It may have come since: the next look finds it. */
err_t urpc_nothing(struct urpc *channel) {
    if (channel->broken) {
        return ERR_FORMAT;
    }
    uint64_t header = urpc_load_acquire(channel->rx);
    bool plausible =
        is_old(channel, header) || header_lap(header) == channel->rx_lap || (channel->marked && header == URPC_MARK);
    return plausible ? ERR_NOT_READY : broken(channel);
}

/* Half a ring has been read. What was sent meanwhile has told the peer of some of it: of how much, the last header says. */
static uint64_t untold(struct urpc *channel, uint64_t received) {
    uint64_t sent = urpc_sent(channel);
    if (sent != channel->told_at) {
        const uint64_t *after = channel->tx != channel->tx_first ? channel->tx : channel->tx_end;
        uint64_t ago = received - (slot_before(channel, after) >> TAKEN_SHIFT);
        channel->told = MAX(channel->told, received - MIN(ago & TAKEN_MASK, received));
        channel->told_at = sent;
    }
    return received - channel->told;
}

void urpc_receive_stopped(struct urpc *channel) {
    if (channel->rx == channel->rx_end) {
        channel->rx = channel->rx_first;
        channel->rx_lap = urpc_lap(++channel->rx_laps);
        channel->rx_stop = urpc_middle(channel);
    } else {
        channel->rx_stop = channel->rx_end;
    }
    uint64_t received = urpc_received(channel);
    if (untold(channel, received) < quarter(channel)) {
        return;
    }
    channel->told = received;
    if ((urpc_exchange(channel->my_ack, received) & URPC_WAITS) != 0) { /* R3 */
        urpc_wake_peer(channel);                                        /* R4 */
    }
}

err_t urpc_receive_words(struct urpc *channel, struct urpc_words *words) {
    unsigned each = words_a_slot(channel);
    if (!urpc_ready(channel)) {
        return urpc_nothing(channel);
    }
    uint64_t header = urpc_load(channel->rx);
    words->type = (uint16_t)header;
    words->count = 0;
    for (;;) {
        unsigned some = header_words(header);
        bool more = (header & MORE) != 0;
        if (some > each || (more && some < each) || some > words->room - words->count) {
            return broken(channel);
        }
        for (unsigned i = 0; i < some; i++) {
            words->word[words->count++] = urpc_load(&channel->rx[1 + i]); /* R2 */
        }
        urpc_taken(channel, channel->rx); /* R3 */
        if (!more) {
            return ERR_OK;
        }
        if (!urpc_ready(channel)) {
            return broken(channel); /* all of a message is there, or nothing */
        }
        header = urpc_load(channel->rx);
    }
}

[[gnu::noinline]] static err_t receive_slots(struct urpc *channel, struct urpc_message *message) {
    struct urpc_words words = {.word = message->word, .room = URPC_WORDS};
    TRY(urpc_receive_words(channel, &words));
    message->type = words.type;
    message->words = (uint16_t)words.count;
    return ERR_OK;
}

/* The ordinary case first: one slot. */
err_t urpc_receive(struct urpc *channel, struct urpc_message *message) {
    uint64_t *slot = channel->rx;
    if (urpc_load_lap(slot) != channel->rx_lap) {
        return urpc_nothing(channel);
    }
    uint64_t header = urpc_load(slot);
    unsigned count = header_words(header);
    if ((header & MORE) == 0 && (1 + count) * sizeof(header) <= channel->slot_bytes) {
        for (unsigned i = 0; i < count; i++) {
            message->word[i] = urpc_load(&slot[1 + i]); /* R2 */
        }
        message->type = (uint16_t)header;
        message->words = (uint16_t)count;
        urpc_taken(channel, slot); /* R3 */
        return ERR_OK;
    }
    return receive_slots(channel, message);
}

/* Z1 */
static bool mark(struct urpc *channel) {
    uint64_t header = urpc_load_acquire(channel->rx);
    if (!is_old(channel, header)) {
        return urpc_nothing(channel) == ERR_NOT_READY && header == URPC_MARK;
    }
    channel->unmarked = header;
    channel->marked = true;
    return urpc_replace(channel->rx, header, URPC_MARK);
}

/* Z2 */
static bool flag(struct urpc *channel, unsigned words) {
    uint64_t taken = urpc_load_acquire(channel->peer_ack);
    channel->waits = !urpc_can_send(channel, words) && urpc_replace(channel->peer_ack, taken, taken | URPC_WAITS);
    return channel->waits;
}

bool urpc_sleep(struct urpc *channel, int room) {
    if (!channel->broken && mark(channel) && (room == URPC_NO_ROOM || flag(channel, (unsigned)room))) {
        return true;
    }
    urpc_awake(channel);
    return false;
}

/* Z4. The flag of Z2 may stay: it costs one wake-up at most. */
void urpc_awake(struct urpc *channel) {
    if (channel->marked && !channel->broken && urpc_load(channel->rx) == URPC_MARK) {
        (void)urpc_replace(channel->rx, URPC_MARK, channel->unmarked);
    }
    channel->marked = channel->waits = false;
}

bool urpc_peer_sleeps(const struct urpc *channel) {
    const uint64_t *slot = channel->tx != channel->tx_end ? channel->tx : channel->tx_first;
    return !channel->broken && urpc_load(slot) == URPC_MARK;
}
