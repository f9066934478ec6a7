/* The suite `core`: the paths of one core's CPU driver. */
#include <abi/stubs.h>
#include <skerry/dispatcher.h>
#include <skerry/ram.h>
#include <skerry/slots.h>

#include "programs/bench/bench.h"
#include "programs/bench/interrupt.h"
#include "programs/bench/memory.h"
#include "programs/bench/pair.h"
#include "programs/bench/raw.h"

static vaddr_t own_entry_lrpc;

/* Nothing: what stamps take. */
static err_t overhead_measure(struct pair *pair, uint64_t *ticks) {
    (void)pair;
    uint64_t begin = stamp_begin();
    *ticks = stamp_end() - begin;
    return ERR_OK;
}

static err_t null_measure(struct pair *pair, uint64_t *ticks) {
    (void)pair;
    uint64_t begin = stamp_begin();
    err_t err = sys_null();
    *ticks = stamp_end() - begin;
    return err;
}

/* The peer plays a role while this domain takes its answers raw. */
static err_t raw_begin(struct pair *pair, enum peer_role role, void (*entry)(void)) {
    TRY(pair_role(pair, role));
    own_entry_lrpc = dispatcher_frame()->entry_lrpc;
    dispatcher_frame()->entry_lrpc = (vaddr_t)entry;
    return ERR_OK;
}

static err_t raw_end(struct pair *pair) {
    dispatcher_frame()->entry_lrpc = own_entry_lrpc;
    return pair_leave(pair);
}

static err_t stamp_prepare(struct pair *pair) {
    return raw_begin(pair, ROLE_STAMP, raw_entry_reply4);
}

static err_t answer4_prepare(struct pair *pair) {
    return raw_begin(pair, ROLE_ANSWER, raw_entry_reply4);
}

static err_t answer10_prepare(struct pair *pair) {
    return raw_begin(pair, ROLE_ANSWER, raw_entry_reply10);
}

/* From the sender's stub to the receiver's first instruction, which sends its time back. */
static err_t one_way_measure(struct pair *pair, uint64_t *ticks) {
    struct raw_words words = {{1, 2, 3, 4}};
    uint64_t begin = stamp_begin();
    err_t err = raw_call4(pair->endpoint, &words);
    *ticks = words.word[0] - begin;
    return err;
}

static err_t round_trip4_measure(struct pair *pair, uint64_t *ticks) {
    struct raw_words words = {{1, 2, 3, 4}};
    uint64_t begin = stamp_begin();
    err_t err = raw_call4(pair->endpoint, &words);
    *ticks = stamp_end() - begin;
    return err != ERR_OK || words.word[3] == 4 ? err : ERR_FORMAT;
}

static err_t round_trip10_measure(struct pair *pair, uint64_t *ticks) {
    struct raw_words words = {{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}};
    uint64_t begin = stamp_begin();
    err_t err = raw_call10(pair->endpoint, &words);
    *ticks = stamp_end() - begin;
    return err != ERR_OK || words.word[9] == 10 ? err : ERR_FORMAT;
}

static err_t wait_prepare(struct pair *pair) {
    return pair_role(pair, ROLE_WAIT);
}

/* From the signal to the first instruction of the domain that waits for it. The signaller gives way. */
static err_t notify_measure(struct pair *pair, uint64_t *ticks) {
    pair->shared->stamp = 0;
    uint64_t begin = stamp_begin();
    err_t err = notification_signal(pair->notification);
    if (pair->shared->stamp == 0) {
        TRY(sys_yield(CAP_NULL));
    }
    *ticks = pair->shared->stamp - begin;
    return err == ERR_OK && pair->shared->stamp == 0 ? ERR_TIMEOUT : err;
}

static err_t yield_prepare(struct pair *pair) {
    return pair_role(pair, ROLE_YIELD);
}

/* From one domain's yield to where the other one goes on after its own. */
static err_t yield_measure(struct pair *pair, uint64_t *ticks) {
    pair->shared->stamp = 0;
    uint64_t begin = stamp_begin();
    err_t err = sys_yield(pair->dispatcher);
    *ticks = pair->shared->stamp - begin;
    return err == ERR_OK && pair->shared->stamp == 0 ? ERR_TIMEOUT : err;
}

static const struct path paths[] = {
    {"overhead", NULL, overhead_measure, NULL},
    {"null", NULL, null_measure, NULL},
    {"lrpc-one-way", stamp_prepare, one_way_measure, raw_end},
    {"lrpc-round-trip", answer4_prepare, round_trip4_measure, raw_end},
    {"lrpc-round-trip-10", answer10_prepare, round_trip10_measure, raw_end},
    {"notify", wait_prepare, notify_measure, pair_leave},
    {"map", memory_prepare, memory_map_measure, NULL},
    {"unmap", memory_prepare, memory_unmap_measure, NULL},
    {"fault", memory_prepare, memory_fault_measure, memory_fault_finish},
    {"fault-map", memory_prepare, memory_fault_map_measure, memory_fault_finish},
    {"interrupt", interrupt_prepare, interrupt_measure, pair_leave},
    {"yield", yield_prepare, yield_measure, pair_leave},
};

const struct suite suite_core = {"core", paths, ARRAY_SIZE(paths), false};
