/* What each monitor does when another core has been parked, and when it has been started again. */
#ifndef MONITOR_GONE_H
#define MONITOR_GONE_H

#include "monitor/peers.h"

/* The core runs no more: everything that was shared with it ends here, before its memory is used for something else. */
void gone_take(coreid_t id);

/* It may be asked again. */
void gone_back(coreid_t id);

/* PEER_GONE and PEER_BACK: from who started this core. */
err_t gone_serve(const struct peer_message *request, uint64_t reply[PEER_PAYLOAD - 1]);
err_t gone_serve_back(const struct peer_message *request, uint64_t reply[PEER_PAYLOAD - 1]);

#endif
