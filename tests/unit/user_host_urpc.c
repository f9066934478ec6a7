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

#define STRESS_SECONDS 20

enum { OP_RESET = 16, OP_SEND, OP_RECEIVE, OP_SLEEP, OP_AWAKE, OP_STATE, OP_POKE, OP_STRESS };

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

/* A channel that has carried `count` messages each way. */
static void age(uint64_t count) {
    for (unsigned side = 0; side < 2; side++) {
        struct urpc *urpc = &ends[side].urpc;
        uint64_t lines = urpc->lines;
        urpc->tx_count = urpc->tx_acked = urpc->rx_count = urpc->rx_told = count;
        urpc->tx_index = urpc->rx_index = (uint32_t)(count % lines);
        for (uint64_t i = 0; i < lines && i < count; i++) {
            uint64_t sequence = count - i;
            urpc->tx[(sequence - 1) % lines].header = 1 | (sequence & 0xffffff) << 16;
        }
        *urpc->my_ack = count / 2; /* the last one that went alone, long ago */
    }
}

static void open_channel(size_t size, uint64_t count) {
    uint32_t apic[2] = {3, 7};
    free(frame);
    frame_size = size;
    frame = aligned_alloc(URPC_LINE, (size + URPC_LINE - 1) / URPC_LINE * URPC_LINE);
    memset(frame, 0, size);
    urpc_format(frame, size, apic);
    for (unsigned side = 0; side < 2; side++) {
        ends[side] = (struct end){0};
        answer_word(urpc_open(&ends[side].urpc, frame, size, side));
        ends[side].urpc.wake = count_wake;
    }
    if (ends[1].urpc.lines != 0) {
        age(count);
    }
    answer_word(ends[0].urpc.lines);
}

static void receive(struct urpc *urpc) {
    struct urpc_message message = {0};
    err_t err = urpc_receive(urpc, &message);
    answer_word(err);
    if (err == ERR_OK) {
        answer_word(message.type);
        answer_bytes(message.word, sizeof(message.word));
    }
}

static void send(struct urpc *urpc, const struct blob *words) {
    struct urpc_message message = {.type = (uint16_t)blob_word(words, URPC_WORDS)};
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

struct player {
    struct end *end;
    sem_t wakeup; /* of this player */
    uint64_t messages;
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
    struct urpc_message message = {.word = {player->sent, ~player->sent}, .type = 1};
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
    if (err == ERR_OK && (message.word[0] != player->received || message.word[1] != ~player->received)) {
        player->trouble = "a message is lost, double or torn";
    }
    if (err != ERR_OK && err != ERR_NOT_READY) {
        player->trouble = "a broken channel";
    }
    player->received += err == ERR_OK;
    return err == ERR_OK;
}

/* Nothing to take and nothing to send, or no room: sleeps until the other side wakes this one. */
static void sleep_now(struct player *player, const struct timespec *deadline) {
    struct urpc *urpc = &player->end->urpc;
    if (!urpc_sleep(urpc, player->sent < MIN(player->messages, player->received + player->ahead))) {
        return;
    }
    player->slept++;
    if (sem_timedwait(&player->wakeup, deadline) != 0) {
        player->trouble = "a wake-up is lost";
    }
    urpc_awake(urpc);
}

static void *play(void *argument) {
    struct player *player = argument;
    struct timespec deadline;
    clock_gettime(CLOCK_REALTIME, &deadline);
    deadline.tv_sec += STRESS_SECONDS;
    while (player->trouble == NULL && (player->sent < player->messages || player->received < player->messages)) {
        bool any = false;
        for (uint64_t i = chance(player) % 4; i > 0; i--) {
            any |= send_next(player);
        }
        for (uint64_t i = chance(player) % 4; i > 0; i--) {
            any |= receive_next(player);
        }
        if (!any && chance(player) % 8 == 0) {
            sleep_now(player, &deadline);
        }
    }
    return NULL;
}

/* Messages each way, in lockstep (a wake-up that is lost then stops both) or as many as the window takes. Answers what went wrong, or nothing, and how often the two slept. */
static void stress(uint64_t messages, uint64_t seed, bool lockstep) {
    struct player players[2];
    pthread_t threads[2];
    for (unsigned i = 0; i < 2; i++) {
        players[i] = (struct player){.end = &ends[i], .messages = messages, .seed = seed + i};
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
        return open_channel(first, second);
    case OP_SEND:
        return send(urpc, &blobs[1]);
    case OP_RECEIVE:
        return receive(urpc);
    case OP_SLEEP:
        return answer_word(urpc_sleep(urpc, second != 0));
    case OP_AWAKE:
        return urpc_awake(urpc);
    case OP_STATE:
        answer_word(ends[first & 1].wakes);
        answer_word(urpc_can_send(urpc));
        return answer_word(urpc->broken);
    case OP_POKE:
        memcpy((char *)frame + first % frame_size / 8 * 8, &second, sizeof(second));
        return;
    case OP_STRESS:
        return stress(first, second, blob_word(&blobs[0], 2) != 0);
    default:
        abort();
    }
}
