/* Channels to other monitors. A link is polled while it is active; after a quiet while it is put to sleep and costs
   nothing until the peer interrupts this core with VECTOR_WAKE. */
#ifndef MONITOR_LINKS_H
#define MONITOR_LINKS_H

#include <skerry/fibre.h>
#include <skerry/urpc.h>

#include "monitor/cores.h"

#define LINK_SIZE PAGE_SIZE

struct link {
    struct urpc urpc; /* first: the wake function gets from here to the link */
    struct link *next;
    coreid_t core;
    capaddr_t wake;
    bool asleep;
    uint32_t quiet;          /* polls without a message */
    uint32_t patience;       /* polls before it goes to sleep: grows when a message came in time, shrinks when not */
    struct fibre_queue room; /* fibres that wait to send */
};

/* Who takes what arrives. */
typedef void (*link_receiver)(struct link *link, const struct urpc_message *message);

/* Binds VECTOR_WAKE and becomes an event source. */
[[nodiscard]] err_t links_init(link_receiver receiver);

/* Makes a link of a mapped, formatted frame; `side` is ours. */
[[nodiscard]] err_t link_open(coreid_t core, void *frame, size_t size, unsigned side, struct link **link);

/* Sends, waiting for room until the deadline (TSC). */
[[nodiscard]] err_t link_send(struct link *link, const struct urpc_message *message, uint64_t deadline);

#endif
