/* What an end has done so far, as `chan` shows it. Counts are cut to 32 bits: they are looked at, not added up. */
#include <skerry/channel_counts.h>

static uint64_t two(uint64_t low, uint64_t high) {
    return (uint32_t)low | high << 32;
}

void channel_counts(const struct channel *channel, uint64_t words[MONITOR_CHANNEL_WORDS]) {
    words[MONITOR_CHANNEL_STATE] = two(channel->state, channel->label);
    words[MONITOR_CHANNEL_SENT] = two(urpc_sent(&channel->urpc), urpc_received(&channel->urpc));
    words[MONITOR_CHANNEL_WINDOW] = two(channel->urpc.slots, channel->urpc.stalls);
    words[MONITOR_CHANNEL_SLEEPS] = two(channel->sleeps, channel->wakes);
}
