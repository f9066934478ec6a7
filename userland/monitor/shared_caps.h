/* What domains do with capabilities that several cores have (shared_objects.h): as on one core, whatever runs concurrently.

   Each change is a transaction of the agreement engine in two phases among exactly the cores that hold the object (owner.h); in
   the first each locks it. Who asks shows a capability for it, which must still be there when the transaction begins: one that
   was revoked meanwhile asks for nothing (CAP_EMPTY).
   - Retype: each holder says whether something of its own lies in the range; the asker's CPU driver divides it while all have
     it locked. So of two that overlap one wins, the other finds the range busy (RETYPE_BUSY).
   - Revoke: each holder has its CPU driver delete what it has, mappings too, before it acknowledges.
   - Delete: the core holds it no more, once no domain there has a copy or a descendant (shared_ends.h).
   What one core alone holds costs no message; what was never shared, not even a call to its monitor. */
#ifndef MONITOR_SHARED_CAPS_H
#define MONITOR_SHARED_CAPS_H

#include <skerry/owner.h>

#include "monitor/peers.h"

/* The engine's client; before it starts. And after it has started. */
void shared_caps_init(void);
void shared_caps_begin(void);

/* MONITOR_SHARED_SEND: the domain at the other end of the channel has one too, with the word, on return. ARGUMENT: it is no
   shared capability; CAP_RIGHTS: it lacks GRANT; NOT_FOUND: no such channel; UNSUPPORTED: the other end takes none. */
struct shared_sending {
    uint32_t domain, channel;
    uint64_t word;
    capaddr_t cap;
};
[[nodiscard]] err_t shared_send(const struct shared_sending *sending);

/* PEER_OFFER */
err_t shared_serve_offer(const struct peer_message *request, uint64_t reply[PEER_PAYLOAD - 1]);

/* MONITOR_SHARED_RETYPE: one capability, in a new slot. What `cap retype` says; TIMEOUT: nothing has happened. */
struct shared_retyping {
    capaddr_t cap;
    uint64_t type, offset, size;
};
[[nodiscard]] err_t shared_retype(const struct shared_retyping *retyping, capaddr_t *made);

/* MONITOR_SHARED_REVOKE: all others are gone, on all cores, and what was made of it. The one shown too: `again` is in its place. */
[[nodiscard]] err_t shared_revoke_all(capaddr_t cap, capaddr_t *again);

/* MONITOR_SHARED_MOVE: that core is its owner. ARGUMENT: it does not hold it. */
[[nodiscard]] err_t shared_move(capaddr_t cap, coreid_t core);

/* MONITOR_SHARED_INFO */
[[nodiscard]] err_t shared_info(capaddr_t cap, struct owner_object *info);

/* For shared_ends.c: this core's revoke or delete without anybody's capability. */
[[nodiscard]] err_t shared_change(enum owner_change change, uint64_t base);

#endif
