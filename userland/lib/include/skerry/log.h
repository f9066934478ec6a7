/* Lines to this core's debug port, for domains that hold its capability: `[    0.123456] name: text`. */
#ifndef SKERRY_LOG_H
#define SKERRY_LOG_H

#include <skerry/base.h>

/* From now on log_line writes to `port` through `cap`; before that it does nothing. */
void log_open(capaddr_t cap, uint16_t port, const char *name);
void log_line(const char *format, ...) PRINTF_LIKE(1, 2);

#endif
