/* The suite `messages`: LRPC on a core beside URPC between two, for tables 2 and 3. */
#include <skerry/domain.h>

#include "programs/bench/bench.h"
#include "programs/bench/far.h"
#include "programs/bench/lrpc.h"
#include "programs/bench/pair.h"

#define OTHER_CORE 1
#define BURST 256

static struct far other;

static err_t other_prepare(struct pair *pair) {
    (void)pair;
    TRY(far_open(OTHER_CORE, FAR_START, &other));
    far_ask(&other, FAR_RAW, 1);
    return ERR_OK;
}

static err_t other_finish(struct pair *pair) {
    (void)pair;
    far_ask(&other, FAR_RAW, 0);
    return far_end(&other);
}

/* All seven words, which nobody changes but for the first. */
static struct urpc_message line = {.word = {1, 2, 3, 4, 5, 6, 7}, .words = URPC_WORDS};

/* From the sender's call to where the receiver has the message in its hands. */
static err_t one_way_measure(struct pair *pair, uint64_t *ticks) {
    (void)pair;
    struct urpc_message answer;
    line.type = FAR_STAMP;
    uint64_t begin = stamp_begin();
    far_send_message(&other.urpc, &line);
    far_receive(&other.urpc, &answer);
    *ticks = answer.word[0] - begin;
    return ERR_OK;
}

static err_t round_trip_measure(struct pair *pair, uint64_t *ticks) {
    (void)pair;
    struct urpc_message answer;
    line.type = FAR_ECHO;
    uint64_t begin = stamp_begin();
    far_send_message(&other.urpc, &line);
    far_receive(&other.urpc, &answer);
    *ticks = stamp_end() - begin;
    return ERR_OK;
}

/* The receiver answers the last one. */
static err_t stream_measure(struct pair *pair, uint64_t *ticks) {
    (void)pair;
    struct urpc_message answer;
    line.type = FAR_TAKE;
    uint64_t begin = stamp_begin();
    for (unsigned i = BURST; i > 0; i--) {
        line.word[0] = i;
        far_send_message(&other.urpc, &line);
    }
    far_receive(&other.urpc, &answer);
    *ticks = stamp_end() - begin;
    return ERR_OK;
}

static const struct path paths[] = {
    {"overhead", NULL, suite_overhead, NULL},
    {"lrpc-one-way", lrpc_one_way_prepare, lrpc_one_way_measure, lrpc_finish},
    {"lrpc-round-trip", lrpc_round_trip_prepare, lrpc_round_trip_measure, lrpc_finish},
    {"urpc-one-way", other_prepare, one_way_measure, other_finish},
    {"urpc-round-trip", other_prepare, round_trip_measure, other_finish},
    {"urpc-stream-256", other_prepare, stream_measure, other_finish},
};

const struct suite suite_messages = {"messages", paths, ARRAY_SIZE(paths), pair_open, pair_close};
