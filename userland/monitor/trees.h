/* Which way an agreement's messages go: one message a group (groups.h), whose lowest live core passes it on there (paper,
   section 5.1). On a machine of one group each core sends to each by itself. */
#ifndef MONITOR_TREES_H
#define MONITOR_TREES_H

#include <skerry/agree.h>

/* For agree_config.tree. NULL: a star. */
const struct agree_tree *trees_get(void *context, enum agree_topology topology, unsigned root);

#endif
