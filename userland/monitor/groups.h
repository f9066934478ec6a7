/* Groups of cores, for messages to many: one goes to each group, whose head passes it on there (trees.h). Who is in which group, how
   far groups are apart and which protocol spans use is the knowledge base's to say (advice.h). The home has asked it and tells
   all others, and each core that is let in. Until the knowledge base has answered, or where it cannot, groups are the nodes of
   the firmware's tables. A core that nobody has told anything takes the machine for one group. */
#ifndef MONITOR_GROUPS_H
#define MONITOR_GROUPS_H

#include <if/monitor.h>
#include <skerry/agree.h>

#include "monitor/numa.h"
#include "monitor/peers.h"

#define GROUPS_MAX NUMA_NODES
#define GROUPS_NONE UINT8_MAX /* of a core of which nothing was said */

struct groups {
    enum monitor_trees_source source;
    enum agree_topology protocol;
    unsigned count;
    uint8_t of[MAX_CORES];
    uint16_t apart[GROUPS_MAX][GROUPS_MAX]; /* 0 to itself */
};

/* The engine's client; before it starts. */
void groups_init(void);

const struct groups *groups_get(void);

/* Another number each time that they change. */
uint32_t groups_version(void);

/* The home's: which core has which APIC id, for the firmware's tables. */
void groups_know(const uint8_t apic[], uint32_t cores);

/* The home's: these from now on, here and, as far as they are others than before, on all cores. */
void groups_use(const struct groups *groups);

/* A new view: whoever is in it from now on is told, by the home. */
void groups_viewed(const struct agree_set *joined);

/* What a core goes by, and PEER_TREES: the request and the words of MONITOR_TREES. */
#define GROUPS_WORDS (1 + AGREE_SET_WORDS)
[[nodiscard]] err_t groups_of(coreid_t core, uint64_t request, uint64_t words[GROUPS_WORDS]);
err_t groups_serve(const struct peer_message *request, uint64_t reply[PEER_PAYLOAD - 1]);

#endif
