/* The park block of another core (kernel/boot/park.h), seen from whoever starts and stops it. */
#ifndef MONITOR_PARK_H
#define MONITOR_PARK_H

#include <boot/layout.h>
#include <skerry/base.h>

struct park {
    paddr_t base;                 /* 0: not made yet */
    struct park_mailbox *mailbox; /* mapped for good */
};

/* Finds the core's block by the record (ownership.h). NOT_FOUND: it has none. */
[[nodiscard]] err_t park_find(coreid_t core, struct park *park);

/* The same, and makes a block for a core that has none; nothing is written down of that. */
[[nodiscard]] err_t park_need(coreid_t core, struct park *park);

/* The core is parked: it runs nothing but the block's code, and touches no other memory. */
bool park_is_there(const struct park *park);

/* Waits for that until the deadline (TSC). */
[[nodiscard]] bool park_await(const struct park *park, uint64_t deadline);

/* Where a parked core goes after the next NMI. */
void park_post(struct park *park, const struct layout_output *entry);

#endif
