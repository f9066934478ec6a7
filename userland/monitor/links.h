/* Channels to other monitors: an ordinary channel (channel.h) and the core at its other end. */
#ifndef MONITOR_LINKS_H
#define MONITOR_LINKS_H

#include <skerry/channel.h>
#include <skerry/ram.h>
#include <skerry/vspace.h>

#include "monitor/cores.h"

#define LINK_SIZE PAGE_SIZE

/* A link's frame, as this end has it. */
struct link_memory {
    capaddr_t frame;
    struct vspace_mapping mapping;
    struct ram_block block; /* what it is made of; size 0: the peer's, or not to be given back */
};

struct link {
    struct channel channel; /* first: callbacks get from here to the link */
    coreid_t core;
    struct link_memory memory;
};

/* Who takes what arrives. */
typedef void (*link_receiver)(struct link *link, const struct urpc_message *message);

/* Listens to VECTOR_WAKE. */
[[nodiscard]] err_t links_init(link_receiver receiver);

/* A new frame of LINK_SIZE, mapped. */
[[nodiscard]] err_t link_memory_make(struct link_memory *memory);
void link_memory_end(struct link_memory *memory);

/* Makes a link of a formatted frame, which is the link's from then on; `side` is ours. */
[[nodiscard]] err_t link_open(coreid_t core, const struct link_memory *memory, unsigned side, struct link **link);

/* The core at the other end runs no more: senders get PEER_DEAD, the frame is given back. */
void link_close(struct link *link);

/* There is a link, and its peer has kept to the protocol. */
static inline bool link_works(const struct link *link) {
    return link != NULL && link->channel.state != CHANNEL_ENDED;
}

/* Sends, waiting for room until the deadline (TSC). */
[[nodiscard]] err_t link_send(struct link *link, const struct urpc_message *message, uint64_t deadline);

#endif
