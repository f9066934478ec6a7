/* Capabilities that domains send each other over channels between cores. Only memory can go: a FRAME or DEVICE capability is
   described to the other monitor, which makes one for its domain. (CAP_TYPE: CNodes, page tables, dispatchers, endpoints and
   notifications are one CPU driver's objects, vectors one core's; RAM, whose owner may make anything of it, would need
   agreement, and cannot be copied; FOREIGN: what was borrowed is not lent on, for its owner would not know.)
   The sender keeps its own; meanwhile revoke and retype of that memory are refused (SHARED). Whatever went over a channel goes
   back when the receiver says so (loan_return) or
   the sender recalls it (recall.h), and at the latest with the channel: the receiver's monitor revokes it before it says that the channel is gone, and only then can the
   sender's memory be used again. */
#ifndef MONITOR_LOANS_H
#define MONITOR_LOANS_H

#include <skerry/agree.h>

#include "monitor/peers.h"

struct end;

struct memory {
    uint64_t base, size;
};
bool memory_overlap(const struct memory *one, const struct memory *other);
bool memory_contains(const struct memory *outer, const struct memory *inner);

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

/* Gives the end's domain a copy of this capability, with the word. */
[[nodiscard]] err_t loan_offer(const struct end *end, uint64_t word, capaddr_t cap);

/* For recall.c, at the core that lent: */

/* Of a description's meta word. */
bool loan_is_memory(uint64_t meta);

/* Between these two nothing that overlaps it is lent; who wants to waits. */
struct recalled {
    struct recalled *next;
    struct memory memory;
};
void loans_hold(struct recalled *recalled);
void loans_go_on(const struct recalled *recalled);

/* Until no loan of this memory, or of a part of it, is on its way. */
[[nodiscard]] err_t loans_settle(const struct memory *memory, uint64_t deadline);

/* Who has any of it, and whether anything that overlaps it is lent. */
void loans_borrowers(const struct memory *memory, struct agree_set *cores);
bool loans_overlap(const struct memory *memory);

/* These cores have none of it any more. */
void loans_returned(const struct memory *memory, const struct agree_set *cores);

/* ... and at the one that borrowed: whatever came from `owner` and lies in this memory is gone, copies and mappings too. */
void loans_revoke_borrowed(coreid_t owner, const struct memory *memory);

#endif
