/* The suites `agree`: agreements about nothing among all cores, the protocol alone (paper, Figures 6 and 8). A sample is of
   ROUNDS of them, which the local monitor coordinates. */
#include <if/monitor.h>
#include <skerry/agree_tree.h>
#include <skerry/domain.h>

#include "programs/bench/bench.h"
#include "programs/bench/pair.h"

#define ROUNDS 16
#define FLYING 8   /* at once, where they are pipelined */
#define WAITING 32 /* at once, so that most wait for a place in the window; those that do go together */
#define ROUNDS_WAITING 128

static err_t run(uint64_t cores, enum agree_topology topology, unsigned phases, unsigned flying, uint64_t *ticks) {
    uint64_t rounds = flying == WAITING ? ROUNDS_WAITING : ROUNDS;
    struct lrpc_call call = {.operation = MONITOR_PRACTICE, .request = {cores, topology, phases, flying, rounds}};
    mark_begin();
    err_t err = domain_ask(&call);
    mark_end();
    *ticks = call.reply[1];
    return err;
}

static err_t run_on_all(enum agree_topology topology, unsigned phases, unsigned flying, uint64_t *ticks) {
    struct lrpc_call about = {.operation = MONITOR_ABOUT};
    TRY(domain_ask(&about));
    return run(suite_cores != 0 ? suite_cores : about.reply[2], topology, phases, flying, ticks);
}

static err_t alone(struct pair *pair, uint64_t *ticks) {
    (void)pair;
    return run(1, AGREE_UNICAST, 1, 1, ticks);
}

static err_t unicast(struct pair *pair, uint64_t *ticks) {
    (void)pair;
    return run_on_all(AGREE_UNICAST, 1, 1, ticks);
}

static err_t broadcast(struct pair *pair, uint64_t *ticks) {
    (void)pair;
    return run_on_all(AGREE_BROADCAST, 1, 1, ticks);
}

static err_t multicast(struct pair *pair, uint64_t *ticks) {
    (void)pair;
    return run_on_all(AGREE_MULTICAST, 1, 1, ticks);
}

static err_t numa(struct pair *pair, uint64_t *ticks) {
    (void)pair;
    return run_on_all(AGREE_NUMA, 1, 1, ticks);
}

static err_t two_phases(struct pair *pair, uint64_t *ticks) {
    (void)pair;
    return run_on_all(AGREE_NUMA, 2, 1, ticks);
}

static err_t two_phases_pipelined(struct pair *pair, uint64_t *ticks) {
    (void)pair;
    return run_on_all(AGREE_NUMA, 2, FLYING, ticks);
}

static err_t two_phases_batched(struct pair *pair, uint64_t *ticks) {
    (void)pair;
    return run_on_all(AGREE_NUMA, 2, WAITING, ticks);
}

static const struct path paths[] = {
    {"overhead", NULL, suite_overhead, NULL},
    {"alone", NULL, alone, NULL},
    {"broadcast", NULL, broadcast, NULL},
    {"unicast", NULL, unicast, NULL},
    {"multicast", NULL, multicast, NULL},
    {"numa", NULL, numa, NULL},
    {"two-phases", NULL, two_phases, NULL},
    {"two-phases-pipelined", NULL, two_phases_pipelined, NULL},
    {"two-phases-batched", NULL, two_phases_batched, NULL},
};

const struct suite suite_agree = {"agree", paths, ARRAY_SIZE(paths), NULL, NULL};
