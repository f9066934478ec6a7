/* What one end of a channel has done so far, in the monitors' words. */
#ifndef SKERRY_CHANNEL_COUNTS_H
#define SKERRY_CHANNEL_COUNTS_H

#include <if/monitor.h>
#include <skerry/channel.h>

/* Fills all words but MONITOR_CHANNEL_DOMAINS, which only monitors know. */
void channel_counts(const struct channel *channel, uint64_t words[MONITOR_CHANNEL_WORDS]);

#endif
