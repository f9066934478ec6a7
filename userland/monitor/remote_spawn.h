/* Starting, awaiting and ending domains on any core. */
#ifndef MONITOR_REMOTE_SPAWN_H
#define MONITOR_REMOTE_SPAWN_H

#include "monitor/domains.h"
#include "monitor/spawn.h"

[[nodiscard]] err_t spawn_on(coreid_t core, const struct spawn_order *order, uint32_t *domain);

/* `end` says whether it has ended. */
[[nodiscard]] err_t wait_on(const struct domain_wait *wait, enum monitor_end *end, uint64_t *status);

/* domain_kill(), wherever it runs. */
[[nodiscard]] err_t kill_on(const struct domain_kill *kill);

#endif
