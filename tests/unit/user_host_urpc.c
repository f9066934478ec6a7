/*
 * A URPC channel with both of its ends on the host: driven step by step, or by two threads that poll, sleep and wake each
 * other for real.
 */
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <time.h>

#include <skerry/string.h>
#include <skerry/urpc.h>

#include "user_host.h"

#define SLEEP_SECONDS 60 /* longer than the busiest host lets a peer wait */

enum { OP_RESET = 16, OP_SEND, OP_RECEIVE, OP_SLEEP, OP_AWAKE, OP_STATE, OP_POKE, OP_STRESS, OP_LONG };

struct end {
    struct urpc urpc; /* first */
    uint64_t wakes;   /* wake-ups that this end asked for, for the other side */
    sem_t *peer;
};

static struct end ends[2];
static void *frame;
static size_t frame_size;

static void count_wake(struct urpc *urpc) {
    ((struct end *)urpc)->wakes++;
}

static uint16_t lap_of(uint64_t laps) {
    return (uint16_t)(1 + laps % 0xffff);
}

static uint64_t *slot_at(const struct urpc *urpc, uint64_t *ring, uint64_t index) {
    return ring + index * urpc->slot_bytes / sizeof(uint64_t);
}

/* A channel that has carried `count` slots each way. */
static void age(uint64_t count) {
    for (unsigned side = 0; side < 2; side++) {
        struct urpc *urpc = &ends[side].urpc;
        uint64_t laps = count / urpc->slots, index = count % urpc->slots, middle = urpc->slots / 2;
        urpc->tx = urpc->tx_stop = slot_at(urpc, urpc->tx_first, index);
        urpc->rx = slot_at(urpc, urpc->rx_first, index);
        urpc->rx_stop = index < middle ? slot_at(urpc, urpc->rx_first, middle) : urpc->rx_end;
        urpc->tx_laps = urpc->rx_laps = laps;
        urpc->header.lap = urpc->rx_lap = lap_of(laps);
        urpc->header.taken = (uint32_t)count << 8;
        urpc->acked = urpc->read_at = urpc->told = urpc->told_at = count;
        for (uint64_t i = 0; i < urpc->slots && (laps > 0 || i < index); i++) {
            *slot_at(urpc, urpc->tx_first, i) = 1 | (uint64_t)lap_of(i < index ? laps : laps - 1) << 16;
        }
        *urpc->my_ack = count / 2; /* the last one that went alone, long ago */
    }
}

/* Answers how each end was opened, and the slots that they have. */
static void open_channel(size_t size, uint64_t count, uint32_t slot) {
    struct urpc_shape shape = {.slot = slot, .apic = {3, 7}};
    free(frame);
    frame_size = size;
    frame = aligned_alloc(URPC_LINE, (size + URPC_LINE - 1) / URPC_LINE * URPC_LINE);
    memset(frame, 0, size);
    (void)urpc_format_as(frame, size, &shape);
    for (unsigned side = 0; side < 2; side++) {
        ends[side] = (struct end){0};
        answer_word(urpc_open(&ends[side].urpc, frame, size, side));
        ends[side].urpc.wake = count_wake;
    }
    if (ends[1].urpc.slots != 0) {
        age(count);
    }
    answer_word(ends[0].urpc.slots);
}

static void receive(struct urpc *urpc) {
    struct urpc_message message = {0};
    err_t err = urpc_receive(urpc, &message);
    answer_word(err);
    if (err == ERR_OK) {
        answer_word(message.type);
        answer_bytes(message.word, message.words * sizeof(message.word[0]));
    }
}

static void send(struct urpc *urpc, const struct blob *words) {
    struct urpc_message message = {.type = (uint16_t)blob_word(words, URPC_WORDS)};
    message.words = (uint16_t)blob_word(words, URPC_WORDS + 1);
    for (unsigned i = 0; i < URPC_WORDS; i++) {
        message.word[i] = blob_word(words, i);
    }
    answer_word(urpc_send(urpc, &message));
}

static void semaphore_wake(struct urpc *urpc) {
    struct end *end = (struct end *)urpc;
    end->wakes++;
    sem_post(end->peer);
}

/* Sends messages of these lengths to the other side as there is room, and takes them. Answers what went wrong, or nothing. */
static void exchange_long(const struct blob *lengths, uint64_t count) {
    const char *trouble = NULL;
    uint64_t sent = 0, taken = 0;
    while (taken < count && trouble == NULL) {
        uint64_t out[URPC_WORDS_MAX], in[URPC_WORDS_MAX];
        for (unsigned i = 0; i < URPC_WORDS_MAX; i++) {
            out[i] = sent * URPC_WORDS_MAX + i;
        }
        err_t err = ERR_BUSY;
        if (sent < count) {
            err = urpc_send_words(&ends[0].urpc, (uint16_t)sent, out, (unsigned)blob_word(lengths, (unsigned)sent));
        }
        if (err == ERR_OK) {
            sent++;
            continue;
        }
        struct urpc_words words = {.word = in, .room = URPC_WORDS_MAX};
        if (err != ERR_BUSY || urpc_receive_words(&ends[1].urpc, &words) != ERR_OK) {
            trouble = "a message cannot be sent or received";
            break;
        }
        bool whole = words.count == blob_word(lengths, (unsigned)taken) && words.type == taken;
        for (unsigned i = 0; i < words.count; i++) {
            whole &= in[i] == taken * URPC_WORDS_MAX + i;
        }
        trouble = whole ? NULL : "a message is not what was sent";
        taken++;
    }
    answer_text(trouble != NULL ? trouble : "", trouble != NULL ? strlen(trouble) : 0);
}

struct player {
    struct end *end;
    sem_t wakeup; /* of this player */
    uint64_t messages;
    uint16_t words; /* of a message, 1 or 2 */
    uint64_t seed;
    uint64_t ahead; /* messages that it may have sent more than received */
    uint64_t sent, received, slept;
    const char *trouble;
};

static uint64_t chance(struct player *player) {
    player->seed = player->seed * 6364136223846793005u + 1442695040888963407u;
    return player->seed >> 33;
}

static bool send_next(struct player *player) {
    struct urpc_message message = {.word = {player->sent, ~player->sent}, .type = 1, .words = player->words};
    if (player->sent == player->messages || player->sent >= player->received + player->ahead) {
        return false;
    }
    err_t err = urpc_send(&player->end->urpc, &message);
    player->sent += err == ERR_OK;
    return err == ERR_OK;
}

static bool receive_next(struct player *player) {
    struct urpc_message message;
    err_t err = urpc_receive(&player->end->urpc, &message);
    if (err == ERR_OK && (message.words != player->words || message.word[0] != player->received ||
                          (message.words == 2 && message.word[1] != ~player->received))) {
        player->trouble = "a message is lost, double or torn";
    }
    if (err != ERR_OK && err != ERR_NOT_READY) {
        player->trouble = "a broken channel";
    }
    player->received += err == ERR_OK;
    return err == ERR_OK;
}

/* Nothing to take and nothing to send, or no room: sleeps until the other side wakes this one. */
static void sleep_now(struct player *player) {
    struct urpc *urpc = &player->end->urpc;
    struct timespec deadline;
    bool room = player->sent < MIN(player->messages, player->received + player->ahead);
    if (!urpc_sleep(urpc, room ? (int)player->words : URPC_NO_ROOM)) {
        return;
    }
    player->slept++;
    clock_gettime(CLOCK_REALTIME, &deadline);
    deadline.tv_sec += SLEEP_SECONDS;
    if (sem_timedwait(&player->wakeup, &deadline) != 0) {
        player->trouble = "a wake-up is lost";
    }
    urpc_awake(urpc);
}

static void *play(void *argument) {
    struct player *player = argument;
    while (player->trouble == NULL && (player->sent < player->messages || player->received < player->messages)) {
        bool any = false;
        for (uint64_t i = chance(player) % 4; i > 0; i--) {
            any |= send_next(player);
        }
        for (uint64_t i = chance(player) % 4; i > 0; i--) {
            any |= receive_next(player);
        }
        if (!any && chance(player) % 8 == 0) {
            sleep_now(player);
        }
    }
    return NULL;
}

/* Messages each way, in lockstep (a wake-up that is lost then stops both) or as many as the window takes. Answers what went wrong, or nothing, and how often the two slept. */
static void stress(uint64_t messages, uint64_t seed, bool lockstep, uint16_t words) {
    struct player players[2];
    pthread_t threads[2];
    for (unsigned i = 0; i < 2; i++) {
        players[i] = (struct player){.end = &ends[i], .messages = messages, .words = words, .seed = seed + i};
        players[i].ahead = !lockstep ? messages : i == 0 ? 1 : 0;
        sem_init(&players[i].wakeup, 0, 0);
    }
    for (unsigned i = 0; i < 2; i++) {
        ends[i].peer = &players[1 - i].wakeup;
        ends[i].urpc.wake = semaphore_wake;
    }
    for (unsigned i = 0; i < 2; i++) {
        pthread_create(&threads[i], NULL, play, &players[i]);
    }
    for (unsigned i = 0; i < 2; i++) {
        pthread_join(threads[i], NULL);
    }
    const char *trouble = players[0].trouble != NULL ? players[0].trouble : players[1].trouble;
    answer_text(trouble != NULL ? trouble : "", trouble != NULL ? strlen(trouble) : 0);
    answer_word(players[0].slept + players[1].slept);
}

void urpc_operation(uint32_t operation, const struct blob *blobs) {
    uint64_t first = blob_word(&blobs[0], 0), second = blob_word(&blobs[0], 1);
    struct urpc *urpc = &ends[first & 1].urpc;
    switch (operation) {
    case OP_RESET:
        return open_channel(first, second, (uint32_t)blob_word(&blobs[0], 2));
    case OP_SEND:
        return send(urpc, &blobs[1]);
    case OP_RECEIVE:
        return receive(urpc);
    case OP_SLEEP:
        return answer_word(urpc_sleep(urpc, (int)second));
    case OP_AWAKE:
        return urpc_awake(urpc);
    case OP_STATE:
        answer_word(ends[first & 1].wakes);
        answer_word(urpc_can_send(urpc, 1));
        return answer_word(urpc->broken);
    case OP_POKE:
        memcpy((char *)frame + first % frame_size / 8 * 8, &second, sizeof(second));
        return;
    case OP_STRESS:
        return stress(first, second, blob_word(&blobs[0], 2) != 0, (uint16_t)blob_word(&blobs[0], 3));
    case OP_LONG:
        return exchange_long(&blobs[1], first);
    default:
        abort();
    }
}
