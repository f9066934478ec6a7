/* What becomes of a domain that ends without wanting to. By itself nothing; but it may choose (enum monitor_supervision) that its
   program is to be started anew, with the same arguments: when it faults, on its core; when its core stops or dies, on that once
   it is back, or at once on another. Nothing else of it goes along: whoever used its services finds them by name again.

   A choice is written down in a journal that every core has, so that it outlives the core: the home (home.h) starts anew what the
   dead leave. */
#ifndef MONITOR_SUPERVISION_H
#define MONITOR_SUPERVISION_H

#include <skerry/agree.h>

#include "monitor/spawn.h"

[[nodiscard]] err_t supervision_init(void);
[[nodiscard]] err_t supervision_begin(void);

/* A domain has been started by this order. Without room it cannot choose. */
void supervision_remember(uint32_t domain, const struct spawn_order *order);

/* MONITOR_SUPERVISE: the domain's choice. UNSUPPORTED: it was given capabilities, or started by a monitor. NO_MEMORY: too many
   have chosen on this core. */
[[nodiscard]] err_t supervision_choose(uint32_t domain, enum monitor_supervision rule);

/* The domain has ended. */
void supervision_ended(uint32_t domain, enum monitor_end end);

/* It is about to end because this core is stopped: starts it elsewhere if it chose so. 0: it did not, or nobody takes it. */
uint32_t supervision_leave(uint32_t domain);

/* The view, the home, or the cores' starts are others: what the dead have left is looked at, if this is the home. */
void supervision_look(void);

#endif
