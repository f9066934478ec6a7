/* What this monitor does for other monitors. */
#ifndef MONITOR_PEER_SERVICES_H
#define MONITOR_PEER_SERVICES_H

#include "monitor/peers.h"

/* NULL: no such operation. */
peer_server peer_service(uint16_t operation);

#endif
