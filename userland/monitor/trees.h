/* Which way an agreement's messages go: one message a socket, whose lowest live core passes it on there (paper, section 5.1).
   Core 0 has read what the firmware says of sockets and distances, and tells each core that is let in. Until a core knows,
   and on a machine of one socket, it sends to each by itself: trees shape the traffic, they cannot break a protocol. */
#ifndef MONITOR_TREES_H
#define MONITOR_TREES_H

#include <skerry/agree.h>

/* The engine's client; before it starts. */
void trees_init(void);

/* Core 0's: which core has which APIC id. */
void trees_know(const uint8_t apic[], uint32_t cores);

/* A new view: whoever is in it from now on is told, by core 0. */
void trees_viewed(const struct agree_set *joined);

/* What this machine is served best with. */
enum agree_topology trees_best(void);

/* For agree_config.tree. NULL: a star. */
const struct agree_tree *trees_get(void *context, enum agree_topology topology, unsigned root);

#endif
