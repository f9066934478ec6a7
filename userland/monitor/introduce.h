/* Direct links between monitors, made on first use through the way that messages take before. */
#ifndef MONITOR_INTRODUCE_H
#define MONITOR_INTRODUCE_H

#include "monitor/links.h"
#include "monitor/peers.h"

/* Returns when there is a direct link. */
[[nodiscard]] err_t introduce(coreid_t to);

/* The core runs no more: who waits for a link to it gets PEER_DEAD, and frames that it may have had are given back. */
void introduce_end(coreid_t core);

/* The other side: PEER_INTRODUCE. */
err_t introduce_serve(const struct peer_message *request, uint64_t reply[PEER_PAYLOAD - 1]);

#endif
