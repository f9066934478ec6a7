/* Memory that domains of several cores have capabilities for, as far as this core has it: the table, and what the CPU driver does.

   An object is a range of RAM or a frame, named by its base, that was disowned (kernel disown) where its memory is, its home. On
   each core that holds it this monitor keeps a capability of its own, of which the domains' are copies: revoking that one ends
   all that this core has of the object. At its home a mark besides keeps domains from revoking what it was cut from.
   Which cores hold it, and who is its owner, say the owners (owner.h), which change by agreement (shared_caps.h). Objects do
   not overlap, nor do they overlap what is lent (loans.h) or mapped in spans: SHARED. */
#ifndef MONITOR_SHARED_OBJECTS_H
#define MONITOR_SHARED_OBJECTS_H

#include <skerry/owner.h>

#include "monitor/loans.h"

struct shared_object {
    struct shared_object *next;
    struct memory memory;
    uint64_t meta;         /* type | rights << 8 */
    capaddr_t real;        /* ours; empty at a home whose domain has ended */
    capaddr_t mark;        /* at its home; else CAP_NULL */
    uint32_t domain;       /* at its home: whose memory it is */
    uint64_t spared_until; /* it may be about to be given to a domain */
    bool look_after; /* the retype that is under way: nobody here may need it, and until then it cannot be dropped */
};

/* Who holds what. */
extern struct owners shared_owners;

/* NULL: this core holds no such object. */
struct shared_object *shared_find(uint64_t base);

/* The next after `at` (NULL: the first); they come and go while somebody waits. */
struct shared_object *shared_next(struct shared_object *at);

/* The object of which this is a domain's capability, and what that one may. ARGUMENT: of none. */
[[nodiscard]] err_t shared_of_cap(capaddr_t cap, struct shared_object **object, uint64_t *rights);

/* Makes an object of a domain's RAM, FRAME or DEVICE capability, which is ours from then on. Nothing has changed on failure:
   CAP_TYPE, FOREIGN, SHARED, NO_MEMORY. */
[[nodiscard]] err_t shared_make(capaddr_t cap, uint32_t domain);

/* Makes this core's part of an object that it comes to hold. */
[[nodiscard]] err_t shared_join(const struct memory *memory, uint64_t meta);

/* ... and takes it away: no domain here has any of it. */
void shared_drop(struct shared_object *object);

/* A copy for a domain, in a new slot. */
[[nodiscard]] err_t shared_copy(const struct shared_object *object, uint64_t rights, capaddr_t *cap);

/* Nobody on this core has any of it on return, but us. */
void shared_revoke(const struct shared_object *object);

/* Is something made here of this part of it? Has any domain here a copy or descendant? */
bool shared_is_busy(struct shared_object *object, uint64_t offset, uint64_t size);
bool shared_is_used(const struct shared_object *object);

bool shared_overlaps(const struct memory *memory);

/* Do other cores have memory of this domain? */
bool shared_lending(uint32_t domain);

#endif
