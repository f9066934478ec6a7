/* When memory that several cores have a capability for goes (shared_caps.h):
   - a core holds it no more when no domain there has a copy or a descendant: looked for when a domain ended, or said so;
   - its home holds it until nobody else does; then it is again what it was cut from;
   - when the domain whose memory it was ends, or revokes what it was cut from, it is revoked everywhere first;
   - when its home dies, the others keep it, and core 0 the memory (survivors.h), until the last one drops it. */
#ifndef MONITOR_SHARED_ENDS_H
#define MONITOR_SHARED_ENDS_H

#include <skerry/owner.h>

#include "monitor/loans.h"

[[nodiscard]] err_t shared_ends_init(void);

/* Something has changed: may one be held no more? */
void shared_ends_look(void);

/* A domain has dropped its capability: the core drops the object, if nobody else here needs it. */
[[nodiscard]] err_t shared_end_unused(uint64_t base);

/* A domain here has been given a copy, or will not be. */
void shared_end_given(uint64_t base);

/* This core has ceased to hold it. */
void shared_end_dropped(const struct owner_operation *operation, struct memory memory, const struct agree_work *work);

/* The domain has ended: until other cores have given up its memory that stays (shared_lending). */
void shared_end_domain(uint32_t domain);

/* All objects of this core's memory that lie in there are gone, everywhere, on return. */
void shared_end_within(const struct memory *memory);

/* Cores have died: what they were the home of and this core still holds is made known, before the memory is taken back. */
void shared_ends_survive(void);

#endif
