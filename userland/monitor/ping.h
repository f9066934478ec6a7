/* Round trips to another core, measured where the pinging monitor runs. */
#ifndef MONITOR_PING_H
#define MONITOR_PING_H

#include "monitor/peers.h"

struct ping_result {
    uint64_t min, median, mean, max; /* TSC ticks */
};

/* `from` may be any core: its monitor is asked to measure. */
[[nodiscard]] err_t ping(coreid_t from, coreid_t to, uint64_t rounds, struct ping_result *result);

/* PEER_PING_RUN */
err_t ping_serve(const struct peer_message *request, uint64_t reply[PEER_PAYLOAD - 1]);

#endif
