/* What can be asked of any core: answered here when it is about this one, else by that core's monitor. */
#ifndef MONITOR_FACTS_H
#define MONITOR_FACTS_H

#include <if/monitor.h>
#include <skerry/base.h>

#include "monitor/domains.h"

[[nodiscard]] err_t facts_mem(coreid_t core, uint64_t words[MONITOR_MEM_WORDS]);
[[nodiscard]] err_t facts_domain(coreid_t core, uint64_t n, struct domain_line *line);

/* Asks every core for a sign of life, all at the same time; returns when each has answered or let its deadline pass. */
void facts_probe_all(void);

/* Makes a core's CPU driver fail on purpose: this one a little later, so that the answer still gets out. */
[[nodiscard]] err_t facts_crash(coreid_t core, uint64_t kind, uint64_t argument);

/* At once. Returns only when the CPU driver refused. */
[[nodiscard]] err_t facts_crash_here(uint64_t kind, uint64_t argument);

#endif
