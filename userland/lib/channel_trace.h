/* What happens to a channel's end, for the timeline. The other end's records have the same label; a message is known by how far
   its ring is then. */
#ifndef LIB_CHANNEL_TRACE_H
#define LIB_CHANNEL_TRACE_H

#include <skerry/channel.h>
#include <skerry/trace.h>

static inline void channel_trace(const struct channel *channel, enum trace_kind kind) {
    trace_event(kind, channel->side, channel->label, 0);
}

static inline void channel_trace_sent(const struct channel *channel) {
    if (trace_on()) {
        trace_write(TRACE_KIND_SEND, channel->side, channel->label, urpc_sent(&channel->urpc));
    }
}

static inline void channel_trace_received(const struct channel *channel) {
    if (trace_on()) {
        trace_write(TRACE_KIND_RECEIVE, 1 - channel->side, channel->label, urpc_received(&channel->urpc));
    }
}

#endif
