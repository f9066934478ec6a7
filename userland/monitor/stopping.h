/* Cores that come and go in good order, by the monitor that starts them: core 0's. */
#ifndef MONITOR_STOPPING_H
#define MONITOR_STOPPING_H

#include "monitor/peers.h"

/* Ends what runs on the core, parks it (by NMI, when it does not answer), has every monitor let go of it, and takes its
   memory back. NOT_READY: it is stopped. UNSUPPORTED: this core. PEER_DEAD: neither an NMI nor a reset brings it there. TIMEOUT: it is
   parked, but another core that may share its memory does not answer; that memory stays out of use, until it is asked
   again. */
[[nodiscard]] err_t stopping_stop(coreid_t id);

/* Starts it again, or one that could not be started at boot, and waits for its hello. `image_class` NULL: its own image.
   NOT_READY: it runs. TIMEOUT: it said no hello; it is stopped again. */
[[nodiscard]] err_t stopping_start(coreid_t id, const char *image_class);

/* The members suspect this core (membership.h): it is fenced, and what it had is taken back, some time soon. */
void stopping_suspected(coreid_t id);
[[nodiscard]] err_t stopping_init(void);

/* The core that is stopped: PEER_LEAVE, PEER_PARK. */
err_t stopping_serve_leave(const struct peer_message *request, uint64_t reply[PEER_PAYLOAD - 1]);
err_t stopping_serve_park(const struct peer_message *request, uint64_t reply[PEER_PAYLOAD - 1]);

#endif
