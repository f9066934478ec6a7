/* Tells the knowledge base which cores are live: the home does so when what was last told is another set. */
#ifndef MONITOR_LIVING_H
#define MONITOR_LIVING_H

#include <skerry/base.h>

/* All replicas know who is in this core's view. TIMEOUT, NO_MEMORY: as told_put. */
[[nodiscard]] err_t living_tell(void);

#endif
