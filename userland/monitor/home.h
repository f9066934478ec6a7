/* The machine's home: the core whose monitor keeps what a machine has once. It runs the console, the interrupt controller, the PCI
   bus, the knowledge base and the shell, starts and stops cores, and takes back the memory of those that have died.
   At first it is the core that booted. When it dies, the lowest live core is home from then on, by the same view on all cores; a
   core that comes back is an ordinary one.

   Whoever may be home next is known before: every monitor has a channel to the home and to the heir, the lowest live core
   besides. */
#ifndef MONITOR_HOME_H
#define MONITOR_HOME_H

#include <skerry/agree.h>
#include <skerry/base.h>

#include "monitor/peers.h"

[[nodiscard]] err_t home_init(void);

coreid_t home(void);
[[nodiscard]] bool is_home(void);

/* AGREE_NOBODY: there is no other core. */
unsigned home_heir(void);

/* A new view. */
void home_viewed(const struct agree_set *live);

/* The home's: until every live core could go on without it, that is, has its channel to the heir and its copy of the record. */
void home_await_all(void);

/* PEER_SETTLED */
err_t home_serve_settled(const struct peer_message *request, uint64_t reply[PEER_PAYLOAD - 1]);

/* Its services are there; or, at a new home: wait for them, false: not within half of a peer's deadline. */
[[nodiscard]] bool home_is_settled(void);
[[nodiscard]] bool home_await_services(void);

/* Who asked this home in vain waits for the next one, as long as it takes to miss a home and to fence it; false: it is still the
   same. */
[[nodiscard]] bool home_other_than(coreid_t tried);

#endif
