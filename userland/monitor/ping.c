/* A ping goes over a direct channel, which is made first if there is none. */
#include "monitor/ping.h"

#include <if/monitor.h>
#include <skerry/time.h>

#include "monitor/cores.h"
#include "monitor/introduce.h"
#include "monitor/machine.h"

static void sort(uint64_t *values, uint64_t count) {
    for (uint64_t i = 1; i < count; i++) {
        uint64_t value = values[i], at = i;
        for (; at > 0 && values[at - 1] > value; at--) {
            values[at] = values[at - 1];
        }
        values[at] = value;
    }
}

static err_t measure(coreid_t to, uint64_t rounds, struct ping_result *result) {
    uint64_t ticks[MONITOR_PING_MAX];
    uint64_t sum = 0;
    TRY(introduce(to));
    for (uint64_t i = 0; i < rounds; i++) {
        struct peer_call call = {.to = to, .operation = PEER_PING};
        uint64_t before = time_now();
        TRY(peer_call(&call));
        ticks[i] = time_now() - before;
        sum += ticks[i];
    }
    sort(ticks, rounds);
    *result = (struct ping_result){ticks[0], ticks[rounds / 2], sum / rounds, ticks[rounds - 1]};
    return ERR_OK;
}

err_t ping(coreid_t from, coreid_t to, uint64_t rounds, struct ping_result *result) {
    if (from == to || rounds == 0 || rounds > MONITOR_PING_MAX) {
        return ERR_ARGUMENT;
    }
    if (from == this_core()) {
        return measure(to, rounds, result);
    }
    /* The other monitor notices by its own deadline when its peer is gone; it gets time to say so. */
    struct peer_call call = {
        .to = from,
        .operation = PEER_PING_RUN,
        .deadline_ms = 3 * peer_deadline_ms(),
        .request = {to, rounds},
    };
    TRY(peer_call(&call));
    *result = (struct ping_result){call.reply[0], call.reply[1], call.reply[2], call.reply[3]};
    return ERR_OK;
}

err_t ping_serve(const struct peer_message *request, uint64_t reply[PEER_PAYLOAD - 1]) {
    struct ping_result result;
    uint64_t to = request->word[0], rounds = request->word[1];
    if (to >= MAX_CORES || to == this_core() || rounds == 0 || rounds > MONITOR_PING_MAX) {
        return ERR_ARGUMENT;
    }
    TRY(measure((coreid_t)to, rounds, &result));
    reply[0] = result.min;
    reply[1] = result.median;
    reply[2] = result.mean;
    reply[3] = result.max;
    return ERR_OK;
}
