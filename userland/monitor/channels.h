/* `chan`: the channels of this core's monitor and domains, as each of their ends counts. */
#ifndef MONITOR_CHANNELS_H
#define MONITOR_CHANNELS_H

#include <if/monitor.h>
#include <skerry/base.h>

#include "monitor/peers.h"

/* The n-th channel of a core, its monitor's first: enum monitor_channel, words. A domain's end is asked for; the wait is a part
   of the deadline for peers. NOT_FOUND past the last. */
[[nodiscard]] err_t channels_line(coreid_t core, uint64_t n, uint64_t words[MONITOR_CHANNEL_WORDS]);

/* PEER_CHANNEL */
err_t channels_serve(const struct peer_message *request, uint64_t reply[PEER_PAYLOAD - 1]);

#endif
