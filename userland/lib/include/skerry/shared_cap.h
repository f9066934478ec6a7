/* A RAM, FRAME or DEVICE capability that domains on several cores have, with the same right to what is made of it: it is retyped,
   revoked and deleted as on one core, whoever does what elsewhere at the same time. Unlike what is lent (bind_send_cap) it is
   the receiver's for good, and may be passed on.

   A capability becomes shared when it is first sent. From then on the CPU driver leaves it alone (cap_retype and cap_revoke answer
   FOREIGN; cap_copy, of RAM too, vnode_map and cap_delete are as ever), and the monitors of the cores that hold it agree about
   each change. What is made of it is an ordinary capability of its maker's core. The memory stays part of what it was cut
   from: when the domain that sent it first ends, it is revoked everywhere; when that domain's core dies, the others keep it.
   One of the cores owns it. That is what these functions say it is, until it is moved or that core dies: then it is the lowest
   of those that hold it.

   All but the first need GRANT, and return, besides what is said there: CAP_EMPTY: the capability is gone, or was revoked while
   this was under way; ARGUMENT: it is not shared; TIMEOUT: nothing has happened. What is shared is not lent, mapped in a span or
   shared as a part (SHARED). */
#ifndef SKERRY_SHARED_CAP_H
#define SKERRY_SHARED_CAP_H

#include <skerry/bind.h>

#define SHARED_CAP_NOBODY 256

struct shared_cap_info {
    unsigned owner;      /* core */
    unsigned home;       /* the core whose memory it is; SHARED_CAP_NOBODY: that has died */
    uint64_t holders[4]; /* cores that hold it, a bit each */
};

/* As cap_retype, of one capability, which is put into a new slot. It need not be shared: then nobody is asked. RETYPE_BUSY: something is
   there, on whatever core. NOT_POOL: kernel objects are made on the core whose pool the memory is in. */
[[nodiscard]] err_t shared_cap_retype(capaddr_t cap, unsigned type, uint64_t offset, uint64_t size, capaddr_t *made);

/* Gives the other end of the channel a copy, with the word (`received`, bind.h). The sender's is shared from then on; while this
   makes it so, its slot is empty. SHARED: a part of it is lent or shared already; CAP_TYPE: it is for no memory; FOREIGN: it was
   lent to us; UNSUPPORTED: the other end takes none; NO_MEMORY. */
[[nodiscard]] err_t shared_cap_send(struct bind_channel *channel, uint64_t word, capaddr_t cap);

/* As cap_revoke, on all cores: on return all other copies, and whatever was made of it, are gone. One that is not shared itself, but
   parts of which are, is revoked too. */
[[nodiscard]] err_t shared_cap_revoke(capaddr_t cap);

/* As cap_delete; the slot is free. When it was the last of this core, and nothing made of it is left here, the others know. */
[[nodiscard]] err_t shared_cap_delete(capaddr_t cap);

/* Makes another core that holds it the owner. ARGUMENT: it does not. */
[[nodiscard]] err_t shared_cap_move(capaddr_t cap, unsigned core);

[[nodiscard]] err_t shared_cap_info(capaddr_t cap, struct shared_cap_info *info);

#endif
