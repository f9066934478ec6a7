/* One frame of core 0's memory that domains of every core can map, for programs to which etc/devices grants it. */
#ifndef MONITOR_COMMONS_H
#define MONITOR_COMMONS_H

#include "monitor/peers.h"

#define COMMONS_PAGES_MAX 64

/* A capability for the frame of so many pages, for a domain. CAP_RIGHTS: its program is not granted it. */
[[nodiscard]] err_t commons_give(uint32_t domain, uint64_t pages, capaddr_t *cap);

/* PEER_COMMONS */
err_t commons_serve(const struct peer_message *request, uint64_t reply[PEER_PAYLOAD - 1]);

#endif
