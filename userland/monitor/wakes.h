/* Wake-ups of this core's domains: who listens, by which vector or place, and the signals for those without a vector. */
#ifndef MONITOR_WAKES_H
#define MONITOR_WAKES_H

#include <skerry/base.h>

/* Where a domain is woken: an interrupt with its vector, or a message to its monitor that names the place. */
struct wake_place {
    unsigned vector; /* 0: it shares the monitor's, */
    uint32_t place;  /* and this is what tells it from the others: core << 16 | slot */
};

/* MONITOR_LISTEN. The notification is the table's from now on unless it is refused. BUSY: the domain listens already. */
struct wake_listen {
    uint32_t domain;
    capaddr_t notification;
    bool shared;
};
[[nodiscard]] err_t wakes_listen(const struct wake_listen *listen, struct wake_place *place);

/* For those who make channels to a domain. NOT_READY: it does not listen. */
[[nodiscard]] err_t wakes_find(uint32_t domain, struct wake_place *place);

/* MONITOR_WAKE: signals here, or has the place's monitor do it. Nobody may be there any more: that is no error. */
[[nodiscard]] err_t wakes_wake(uint64_t place);

/* PEER_WAKE: the same for a place of this core. */
void wakes_signal(uint64_t place);

/* The domain has ended. */
void wakes_end(uint32_t domain);

#endif
