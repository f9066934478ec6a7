/* Own channels, and the same of others. Counts are cut to 32 bits: they are looked at, not added up. */
#include "monitor/channels.h"

#include <skerry/string.h>

#include "monitor/cores.h"
#include "monitor/links.h"
#include "monitor/machine.h"

_Static_assert(MONITOR_CHANNEL_WORDS == PEER_PAYLOAD - 1, "a line fits a reply");

static uint64_t two(uint64_t low, uint64_t high) {
    return (uint32_t)low | high << 32;
}

static void describe(coreid_t peer, const struct channel *channel, uint64_t words[MONITOR_CHANNEL_WORDS]) {
    words[MONITOR_CHANNEL_PEER] = two(peer | (uint64_t)channel->state << 16, channel->label);
    words[MONITOR_CHANNEL_SENT] = two(urpc_sent(&channel->urpc), urpc_received(&channel->urpc));
    words[MONITOR_CHANNEL_WINDOW] = two(channel->urpc.slots, channel->urpc.stalls);
    words[MONITOR_CHANNEL_SLEEPS] = two(channel->sleeps, channel->wakes);
    words[MONITOR_CHANNEL_PATIENCE] = two(channel->patience, channel->side);
}

static err_t own_line(uint64_t n, uint64_t words[MONITOR_CHANNEL_WORDS]) {
    for (coreid_t id = 0; id < core_count(); id++) {
        const struct link *link = core_get(id)->link;
        if (link != NULL && n-- == 0) {
            describe(id, &link->channel, words);
            return ERR_OK;
        }
    }
    return ERR_NOT_FOUND;
}

err_t channels_line(coreid_t core, uint64_t n, uint64_t words[MONITOR_CHANNEL_WORDS]) {
    if (core == this_core()) {
        return own_line(n, words);
    }
    struct peer_call call = {.to = core, .operation = PEER_CHANNEL, .request = {n}};
    TRY(peer_call(&call));
    memcpy(words, call.reply, MONITOR_CHANNEL_WORDS * sizeof(words[0]));
    return ERR_OK;
}

err_t channels_serve(const struct peer_message *request, uint64_t reply[PEER_PAYLOAD - 1]) {
    return own_line(request->word[0], reply);
}
