/* Starting and awaiting domains on any core. */
#ifndef MONITOR_REMOTE_SPAWN_H
#define MONITOR_REMOTE_SPAWN_H

#include "monitor/domains.h"

[[nodiscard]] err_t spawn_on(coreid_t core, const char *text, size_t size, uint32_t *domain);

/* `end` says whether it has ended. */
[[nodiscard]] err_t wait_on(const struct domain_wait *wait, enum monitor_end *end, uint64_t *status);

#endif
