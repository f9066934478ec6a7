/* Capabilities of a channel's requests that have come, by way of the monitors, ahead of their messages. */
#ifndef LIB_ARRIVALS_H
#define LIB_ARRIVALS_H

#include <skerry/base.h>

#define ARRIVALS 16 /* as many as the monitors let a channel carry */

/* A capability, and the number that its message will name. */
struct arrival {
    uint32_t number;
    capaddr_t cap; /* CAP_NULL: free */
};

struct arrivals {
    struct arrival arrival[ARRIVALS];
};

/* False: there is no room; the slot stays the caller's. */
[[nodiscard]] bool arrivals_add(struct arrivals *arrivals, uint32_t number, capaddr_t cap);
/* Takes the one of this number out. CAP_NULL: it has not come. */
capaddr_t arrivals_claim(struct arrivals *arrivals, uint32_t number);
/* Lets all go, and their slots. */
void arrivals_drop(struct arrivals *arrivals);

#endif
