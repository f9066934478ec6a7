/* `chan`: the channels between monitors, as each of their ends counts. */
#ifndef MONITOR_CHANNELS_H
#define MONITOR_CHANNELS_H

#include <if/monitor.h>
#include <skerry/base.h>

#include "monitor/peers.h"

/* The n-th channel of a core's monitor: enum monitor_channel, words. NOT_FOUND past the last. */
[[nodiscard]] err_t channels_line(coreid_t core, uint64_t n, uint64_t words[MONITOR_CHANNEL_WORDS]);

/* PEER_CHANNEL */
err_t channels_serve(const struct peer_message *request, uint64_t reply[PEER_PAYLOAD - 1]);

#endif
