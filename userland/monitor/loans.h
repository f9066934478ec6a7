/* Capabilities that domains send each other over channels between cores. Only memory can go: a FRAME or DEVICE capability is
   described to the other monitor, which makes one for its domain. (CAP_TYPE: CNodes, page tables, dispatchers, endpoints and
   notifications are one CPU driver's objects, vectors one core's; RAM, whose owner may make anything of it, would need
   agreement, and cannot be copied; FOREIGN: what was borrowed is not lent on, for its owner would not know.)
   The sender keeps its own; meanwhile revoke and retype of that memory are refused (SHARED). Whatever went over a channel goes
   back when the receiver says so (loan_return), and at the latest with the channel: the receiver's monitor revokes it before it says that the channel is gone, and only then can the
   sender's memory be used again. */
#ifndef MONITOR_LOANS_H
#define MONITOR_LOANS_H

#include "monitor/peers.h"

/* MONITOR_LEND. The capability is the loan's from now on, unless it is refused. */
struct lending {
    uint32_t domain, channel;
    uint64_t word; /* the sender's, for the receiver */
    capaddr_t cap;
};
[[nodiscard]] err_t loan_make(const struct lending *lending);

/* MONITOR_RETURN: what has come over the channel goes back before that ends. The domain's capabilities and mappings of the
   memory are gone, unless it was lent to it twice and one loan is left. NOT_FOUND: it has not come over this channel. */
[[nodiscard]] err_t loan_return(const struct lending *lending);

/* PEER_RETURN */
err_t loan_serve_return(const struct peer_message *request, uint64_t reply[PEER_PAYLOAD - 1]);

/* PEER_LEND */
err_t loan_serve(const struct peer_message *request, uint64_t reply[PEER_PAYLOAD - 1]);

#endif
