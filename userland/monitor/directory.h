/* Which services are offered where: the names of all cores, replicated on each (kv.h). A domain that offers a name is told so
   when every live core can find it; who looks one up asks nobody. Names of the dead are gone with the view that says so. */
#ifndef MONITOR_DIRECTORY_H
#define MONITOR_DIRECTORY_H

#include "monitor/names.h"

/* The engine's client; before it starts. */
void directory_init(void);

/* After it has started. */
[[nodiscard]] err_t directory_begin(void);

/* This core's. TIMEOUT: not everybody could be told in time, so nobody was; NO_MEMORY: the directory is full. */
[[nodiscard]] err_t directory_add(const struct name *name, const struct exporter *exporter);

/* Its domain has ended. Waits for nothing; until all know, they find one that is not there. */
void directory_drop(const struct name *name, uint32_t domain);

/* Who offers it on another core, the nearest by number. NOT_FOUND; NOT_READY: this core has just been let in, and does not know
   yet. */
[[nodiscard]] err_t directory_find(const struct name *name, struct exporter *exporter);

#endif
