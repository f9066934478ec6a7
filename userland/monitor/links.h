/* Channels to other monitors: an ordinary channel (channel.h) and the core at its other end. */
#ifndef MONITOR_LINKS_H
#define MONITOR_LINKS_H

#include <skerry/channel.h>

#include "monitor/cores.h"

#define LINK_SIZE PAGE_SIZE

struct link {
    struct channel channel; /* first: callbacks get from here to the link */
    coreid_t core;
};

/* Who takes what arrives. */
typedef void (*link_receiver)(struct link *link, const struct urpc_message *message);

/* Listens to VECTOR_WAKE. */
[[nodiscard]] err_t links_init(link_receiver receiver);

/* Makes a link of a mapped, formatted frame; `side` is ours. */
[[nodiscard]] err_t link_open(coreid_t core, void *frame, size_t size, unsigned side, struct link **link);

/* There is a link, and its peer has kept to the protocol. */
static inline bool link_works(const struct link *link) {
    return link != NULL && link->channel.state != CHANNEL_ENDED;
}

/* Sends, waiting for room until the deadline (TSC). */
[[nodiscard]] err_t link_send(struct link *link, const struct urpc_message *message, uint64_t deadline);

#endif
