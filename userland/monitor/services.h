/* What this monitor does for the domains of its core: userland/if/monitor.h. */
#ifndef MONITOR_SERVICES_H
#define MONITOR_SERVICES_H

void services_init(void);

#endif
