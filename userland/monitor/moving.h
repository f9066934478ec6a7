/* What becomes of a domain when its core is stopped: it ends; or, if it chose so, its program is started anew on the nearest
   core that takes it, with the same arguments. Nothing else goes along: whoever used its services finds them by name again. */
#ifndef MONITOR_MOVING_H
#define MONITOR_MOVING_H

#include "monitor/spawn.h"

/* A domain has been started by this order. Without room it cannot choose. */
void moving_remember(uint32_t domain, const struct spawn_order *order);

/* MONITOR_MOVES: the domain's choice. UNSUPPORTED: it was given capabilities, or started by a monitor. */
[[nodiscard]] err_t moving_choose(uint32_t domain, bool moves);

/* The domain has ended. */
void moving_forget(uint32_t domain);

/* It has ended because this core is stopped: starts it elsewhere if it chose so. 0: it did not, or nobody takes it. */
uint32_t moving_move(uint32_t domain);

#endif
