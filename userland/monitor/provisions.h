/* What a domain has handed over for the next domain that it starts: capabilities, and perhaps the memory that it is to be made
   of. They arrive one by one (MONITOR_PROVIDE) before the order (MONITOR_SPAWN). */
#ifndef MONITOR_PROVISIONS_H
#define MONITOR_PROVISIONS_H

#include "monitor/spawn.h"

struct provision {
    uint32_t starter; /* 0: this entry is free */
    capaddr_t ram;
    capaddr_t gifts[SPAWN_GIFTS];
    unsigned count; /* of the gifts */
};

/* The capability is the provision's unless it is refused. ARGUMENT: not in its turn; NO_MEMORY: too many. */
struct provide {
    uint32_t starter;
    uint64_t place; /* MONITOR_PROVIDE_RAM, or of the gifts: 0 first */
    capaddr_t cap;
};
[[nodiscard]] err_t provision_add(const struct provide *provide);

/* NULL: nothing. */
struct provision *provision_find(uint32_t starter);

/* What is still in it is deleted. */
void provision_drop(struct provision *provision);

/* The domain has ended. */
void provisions_end(uint32_t starter);

#endif
