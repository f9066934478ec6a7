/* The suite `core`: the paths of one core's CPU driver. */
#include <abi/stubs.h>

#include "programs/bench/bench.h"
#include "programs/bench/interrupt.h"
#include "programs/bench/lrpc.h"
#include "programs/bench/memory.h"
#include "programs/bench/pair.h"

static err_t null_measure(struct pair *pair, uint64_t *ticks) {
    (void)pair;
    uint64_t begin = stamp_begin();
    err_t err = sys_null();
    *ticks = stamp_end() - begin;
    return err;
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
    {"overhead", NULL, suite_overhead, NULL},
    {"null", NULL, null_measure, NULL},
    {"lrpc-one-way", lrpc_one_way_prepare, lrpc_one_way_measure, lrpc_finish},
    {"lrpc-round-trip", lrpc_round_trip_prepare, lrpc_round_trip_measure, lrpc_finish},
    {"lrpc-round-trip-10", lrpc_round_trip10_prepare, lrpc_round_trip10_measure, lrpc_finish},
    {"notify", wait_prepare, notify_measure, pair_leave},
    {"map", memory_prepare, memory_map_measure, NULL},
    {"unmap", memory_prepare, memory_unmap_measure, NULL},
    {"fault", memory_prepare, memory_fault_measure, memory_fault_finish},
    {"fault-map", memory_prepare, memory_fault_map_measure, memory_fault_finish},
    {"interrupt", interrupt_prepare, interrupt_measure, pair_leave},
    {"yield", yield_prepare, yield_measure, pair_leave},
};

const struct suite suite_core = {"core", paths, ARRAY_SIZE(paths), pair_open, pair_close};
