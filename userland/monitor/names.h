/* Services that domains of this core offer under a name. */
#ifndef MONITOR_NAMES_H
#define MONITOR_NAMES_H

#include <if/monitor.h>
#include <skerry/base.h>

struct name {
    uint64_t word[MONITOR_NAME_WORDS];
};

/* The endpoint becomes the table's. BUSY: the name is taken; NO_MEMORY: table full. */
[[nodiscard]] err_t names_add(const struct name *name, uint32_t domain, capaddr_t endpoint);

/* A new endpoint with the client's badge; waits for the name to appear until the deadline (TSC). */
[[nodiscard]] err_t names_find(const struct name *name, uint64_t badge, uint64_t deadline, capaddr_t *endpoint);

/* The names of a domain that has ended, and what it waited for. */
void names_drop(uint32_t domain);

#endif
