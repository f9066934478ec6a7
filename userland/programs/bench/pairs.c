/* The suite `pairs`: the monitors of all pairs of cores in turn, a message there and back each, over their own channels. */
#include <if/monitor.h>
#include <skerry/domain.h>

#include "programs/bench/bench.h"
#include "programs/bench/pair.h"

#define ROUNDS 10 /* of which the median is taken */

static uint64_t from, to;

static err_t next_pair(void) {
    struct lrpc_call about = {.operation = MONITOR_ABOUT};
    TRY(domain_ask(&about));
    uint64_t cores = about.reply[2];
    if (cores < 2) {
        return ERR_NOT_FOUND;
    }
    if (++to >= cores) {
        from = from + 2 < cores ? from + 1 : 0;
        to = from + 1;
    }
    return ERR_OK;
}

static err_t ping_measure(struct pair *pair, uint64_t *ticks) {
    (void)pair;
    TRY(next_pair());
    mark_begin();
    struct lrpc_call call = {.operation = MONITOR_PING, .request = {from, to, ROUNDS}};
    err_t err = domain_ask(&call);
    mark_end();
    *ticks = call.reply[2];
    return err;
}

static const struct path paths[] = {{"ping", NULL, ping_measure, NULL}};

const struct suite suite_pairs = {"pairs", paths, ARRAY_SIZE(paths), NULL, NULL};
