/* A client that has bound like any other and then sends whatever it likes: lines that no stub makes, pieces out of order, calls
   that it never takes the answers of. The service lets it go, or refuses it, and everybody else is served as before. */
#include <skerry/bind.h>
#include <skerry/event.h>
#include <skerry/string.h>

#include "programs/rpc/rpc.h"

#define CLIENTS 40
#define LINES 300
#define RPC_OPEN 0xf0 /* lib/rpc.h */
#define PATIENCE_MS 20
#define LAST_CALL 12

static uint64_t state = 88172645463325252;

static uint64_t next(void) {
    state ^= state << 13;
    state ^= state >> 7;
    return state ^= state << 17;
}

static bool one_in(uint64_t n) {
    return next() % n == 0;
}

static void take(struct channel *channel, const struct urpc_message *message) {
    (void)channel, (void)message;
}

static void ended(struct bind_channel *bound, err_t why) {
    struct channel *channel = bound->context;
    (void)why;
    channel_close(channel);
    bound->context = NULL;
}

/* Mostly calls that there are, some of them in pieces; a call that would end the server is left out. */
static void make_line(struct urpc_message *line) {
    uint64_t number = one_in(8) ? next() & 0xff : 1 + next() % LAST_CALL;
    uint64_t words = one_in(4) ? next() % 8 : next() % 3;
    number = number == PROBE_LEAVE || number == PROBE_WAIT || number == PROBE_STARVE ? PROBE_ADD : number;
    line->type = (uint16_t)(number | words << 8 | (one_in(3) ? 0x4000 : 0) | (one_in(50) ? next() & 0xb800 : 0));
    line->words = (uint16_t)(one_in(10) ? next() % 8 : words + 1 + (line->type >> 14 & 1));
    line->words = MIN(line->words, (uint16_t)URPC_WORDS);
    for (unsigned i = 0; i < URPC_WORDS; i++) {
        line->word[i] = one_in(3) ? next() : next() % 64;
    }
}

/* A right beginning, for otherwise nothing else is listened to. */
static err_t say_hello(struct channel *channel) {
    struct urpc_message open = {.word = {1, PROBE_VERSION, PROBE_HASH}, .type = RPC_OPEN | 4 << 8, .words = 5};
    memcpy(&open.word[3], PROBE_SERVICE, strlen(PROBE_SERVICE));
    return channel_send(channel, &open, time_deadline(PATIENCE_MS));
}

static err_t attack(struct bind_channel *bound) {
    struct channel channel;
    struct channel_request request = {.frame = bound->memory,
                                      .size = bound->size,
                                      .side = bound->side,
                                      .wake = bound->wake,
                                      .patience = CHANNEL_PATIENCE,
                                      .receive = take};
    TRY(channel_open(&channel, &request));
    bound->context = &channel;
    bound->ended = ended;
    err_t err = one_in(8) ? ERR_OK : say_hello(&channel);
    if (one_in(2)) {
        fibre_sleep_until(time_deadline(1)); /* then it has been answered */
    }
    for (unsigned i = 0; i < LINES && err == ERR_OK && bound->context != NULL; i++) {
        struct urpc_message line;
        make_line(&line);
        err = channel_send(&channel, &line, time_deadline(PATIENCE_MS));
    }
    if (bound->context != NULL) {
        channel_close(&channel);
        bind_release(bound);
    }
    return ERR_OK;
}

err_t hostile(struct binding *probe) {
    struct bind_request request = {.name = PROBE_SERVICE, .deadline_ms = 1000};
    for (unsigned i = 0; i < CLIENTS; i++) {
        struct bind_result bound;
        uint64_t sum = 0;
        TRY(bind_to(&request, &bound));
        if (bound.kind != BIND_CHANNEL) {
            return ERR_UNSUPPORTED;
        }
        TRY(attack(bound.channel));
        TRY(probe_call_add(probe, i, 1, &sum));
        expect("the others are served as before", sum == i + 1);
    }
    return ERR_OK;
}
