/* The suite `urpc`: messages within one core, for their instructions alone, and between two. */
#include <abi/stubs.h>
#include <skerry/string.h>

#include "programs/bench/across.h"
#include "programs/bench/bench.h"
#include "programs/bench/pair.h"

#define BURST 1024 /* messages of a sample, where one alone says too little; suites/urpc.toml has it, too */

static struct across across;
static struct urpc ends[2]; /* both, for raw paths */
static struct channel channel;
static struct fibre_queue answered;

/* Both ends here. */
static err_t raw_prepare(struct pair *pair) {
    (void)pair;
    memset(across.ring, 0, RING_SIZE);
    urpc_format(across.ring, RING_SIZE, (uint32_t[2]){0});
    TRY(urpc_open(&ends[0], across.ring, RING_SIZE, 0));
    return urpc_open(&ends[1], across.ring, RING_SIZE, 1);
}

/* Twice through the ring, so that all that is done now and then is in. Eight in a row, so that the loop is not. */
static err_t raw_measure(struct pair *pair, uint64_t *ticks) {
    (void)pair;
    uint64_t word = 0;
    uint16_t type;
    uint64_t begin = stamp_begin();
    for (uint64_t i = 0; i < BURST / 8; i++) {
#pragma GCC unroll 8
        for (unsigned j = 0; j < 8; j++) {
            TRY(urpc_send_word(&ends[0], URPC_HEADER(1, 1), i));
            TRY(urpc_receive_word(&ends[1], &type, &word));
        }
    }
    *ticks = stamp_end() - begin;
    return word == BURST / 8 - 1 ? ERR_OK : ERR_FORMAT;
}

static err_t raw7_measure(struct pair *pair, uint64_t *ticks) {
    (void)pair;
    struct urpc_message message = {.type = 1, .words = URPC_WORDS};
    uint64_t begin = stamp_begin();
    for (uint64_t i = 0; i < BURST; i++) {
        TRY(urpc_send(&ends[0], &message));
        TRY(urpc_receive(&ends[1], &message));
    }
    *ticks = stamp_end() - begin;
    return message.words == URPC_WORDS ? ERR_OK : ERR_FORMAT;
}

static err_t bare_prepare(struct pair *pair) {
    (void)pair;
    across.area->here = across.area->there = 0;
    struct other_request request = {.role = OTHER_BARE};
    return across_role(&across, &request);
}

static err_t bare_measure(struct pair *pair, uint64_t *ticks) {
    (void)pair;
    struct area *area = across.area;
    uint64_t next = area->there + 1;
    uint64_t begin = stamp_begin();
    urpc_store_release(&area->here, next);
    while (urpc_load_acquire(&area->there) != next) {
        cpu_pause();
    }
    *ticks = stamp_end() - begin;
    return ERR_OK;
}

static err_t leave_poller(struct pair *pair) {
    (void)pair;
    return across_leave(&across, false);
}

static err_t across_ring(enum other_role role, uint32_t slot) {
    struct other_request request = {.role = role, .slot = slot, .burst = BURST};
    TRY(across_role(&across, &request));
    return urpc_open(&ends[0], across.ring, RING_SIZE, 0);
}

static err_t polled_prepare(struct pair *pair) {
    (void)pair;
    return across_ring(OTHER_ECHO, URPC_LINE);
}

static void await(const struct urpc *urpc) {
    while (!urpc_ready(urpc)) {
        cpu_pause();
    }
}

static err_t polled_measure(struct pair *pair, uint64_t *ticks) {
    (void)pair;
    uint64_t word = 0;
    uint16_t type;
    uint64_t begin = stamp_begin();
    err_t err = urpc_send_word(&ends[0], URPC_HEADER(1, 1), begin);
    await(&ends[0]);
    err_t end = urpc_receive_word(&ends[0], &type, &word);
    *ticks = stamp_end() - begin;
    TRY(err);
    TRY(end);
    return word == begin ? ERR_OK : ERR_FORMAT;
}

static err_t pipelined64_prepare(struct pair *pair) {
    (void)pair;
    return across_ring(OTHER_SINK, URPC_LINE);
}

static err_t pipelined16_prepare(struct pair *pair) {
    (void)pair;
    return across_ring(OTHER_SINK, 16);
}

static err_t pipelined7_prepare(struct pair *pair) {
    (void)pair;
    return across_ring(OTHER_SINK7, URPC_LINE);
}

/* A burst, and the message that says that it has been taken. */
static err_t pipelined_measure(struct pair *pair, uint64_t *ticks) {
    (void)pair;
    uint64_t word = 0;
    uint16_t type;
    uint64_t begin = stamp_begin();
    for (uint64_t i = 0; i < BURST;) {
        err_t err = urpc_send_word(&ends[0], URPC_HEADER(1, 1), i);
        if (err == ERR_OK) {
            i++;
        } else if (err == ERR_BUSY) {
            cpu_pause();
        } else {
            return err;
        }
    }
    await(&ends[0]);
    TRY(urpc_receive_word(&ends[0], &type, &word));
    *ticks = stamp_end() - begin;
    return word == BURST - 1 ? ERR_OK : ERR_FORMAT;
}

static err_t pipelined7_measure(struct pair *pair, uint64_t *ticks) {
    (void)pair;
    struct urpc_message message = {.type = 1, .words = URPC_WORDS};
    uint64_t begin = stamp_begin();
    for (uint64_t i = 0; i < BURST;) {
        err_t err = urpc_send(&ends[0], &message);
        if (err == ERR_OK) {
            i++;
        } else if (err == ERR_BUSY) {
            cpu_pause();
        } else {
            return err;
        }
    }
    await(&ends[0]);
    TRY(urpc_receive(&ends[0], &message));
    *ticks = stamp_end() - begin;
    return ERR_OK;
}

static uint64_t answer_word;

static void take_answer(struct channel *from, const struct urpc_message *message) {
    (void)from;
    answer_word = message->word[0];
    (void)fibre_wake(&answered);
}

static err_t blocked_prepare(struct pair *pair) {
    (void)pair;
    struct other_request other = {.role = OTHER_BLOCK};
    struct channel_request request = {
        .frame = across.ring, .size = RING_SIZE, .side = 0, .wake = across.wake, .receive = take_answer};
    TRY(across_role(&across, &other));
    return channel_open(&channel, &request);
}

static err_t blocked_measure(struct pair *pair, uint64_t *ticks) {
    (void)pair;
    uint64_t begin = stamp_begin();
    struct urpc_message message = {.word = {begin}, .type = 1, .words = 1};
    TRY(channel_send(&channel, &message, 0));
    (void)fibre_wait(&answered, 0);
    *ticks = stamp_end() - begin;
    return answer_word == begin ? ERR_OK : ERR_FORMAT;
}

static err_t blocked_finish(struct pair *pair) {
    (void)pair;
    channel_close(&channel);
    return across_leave(&across, false);
}

static err_t wait_prepare(struct pair *pair) {
    (void)pair;
    struct other_request request = {.role = OTHER_WAIT};
    return across_role(&across, &request);
}

/* From the invocation to the first instruction of the domain that waits. */
static err_t notify_measure(struct pair *pair, uint64_t *ticks) {
    (void)pair;
    struct area *area = across.area;
    area->stamp = 0;
    uint64_t begin = stamp_begin();
    err_t err = core_notify(across.wake.core);
    while (err == ERR_OK && area->stamp == 0) {
        cpu_pause();
    }
    *ticks = area->stamp - begin;
    (void)stamp_end();
    return err;
}

static err_t wait_finish(struct pair *pair) {
    (void)pair;
    return across_leave(&across, true);
}

static err_t open(struct pair *pair) {
    (void)pair;
    return across_open(&across);
}

static err_t close(struct pair *pair) {
    (void)pair;
    return across_close(&across);
}

static const struct path paths[] = {
    {"overhead", NULL, suite_overhead, NULL},
    {"raw", raw_prepare, raw_measure, NULL},
    {"raw-7", raw_prepare, raw7_measure, NULL},
    {"bare", bare_prepare, bare_measure, leave_poller},
    {"polled", polled_prepare, polled_measure, leave_poller},
    {"pipelined", pipelined16_prepare, pipelined_measure, leave_poller},
    {"pipelined-line", pipelined64_prepare, pipelined_measure, leave_poller},
    {"pipelined-7", pipelined7_prepare, pipelined7_measure, leave_poller},
    {"blocked", blocked_prepare, blocked_measure, blocked_finish},
    {"notify", wait_prepare, notify_measure, wait_finish},
};

const struct suite suite_urpc = {"urpc", paths, ARRAY_SIZE(paths), open, close};
