/* Cores that come and go in good order, by the home's monitor (home.h), and those that do not. */
#ifndef MONITOR_STOPPING_H
#define MONITOR_STOPPING_H

#include "monitor/peers.h"

/* Ends what runs on the core, parks it (by NMI, when it does not answer), has every monitor let go of it, and takes its
   memory back. This core: its heir does so, and OK says only that it was asked. NOT_READY: it is stopped. UNSUPPORTED: it is
   the last one. PEER_DEAD: neither an NMI nor a reset brings it there. TIMEOUT: it is parked, but another core that may share its
   memory does not answer; that memory stays out of use for a while. */
[[nodiscard]] err_t stopping_stop(coreid_t id);

/* Starts it again, or one that could not be started at boot, and waits for its hello. `image_class` NULL: its own image.
   NOT_READY: it runs. TIMEOUT: it said no hello; it is stopped again. */
[[nodiscard]] err_t stopping_start(coreid_t id, const char *image_class);

/* The members suspect this core (membership.h): it is fenced, some time soon. */
void stopping_suspected(coreid_t id);

/* A view, or the record of who owns which memory, is another: what the dead have is taken back, if this is the home. */
void stopping_owners_changed(void);
[[nodiscard]] err_t stopping_init(void);

/* The core that is stopped: PEER_LEAVE, PEER_PARK. */
err_t stopping_serve_leave(const struct peer_message *request, uint64_t reply[PEER_PAYLOAD - 1]);
err_t stopping_serve_park(const struct peer_message *request, uint64_t reply[PEER_PAYLOAD - 1]);

/* PEER_STOP, at the heir */
err_t stopping_serve_stop(const struct peer_message *request, uint64_t reply[PEER_PAYLOAD - 1]);

#endif
