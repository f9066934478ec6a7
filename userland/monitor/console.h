/* Text for the machine's console from domains that have no serial domain beside them. */
#ifndef MONITOR_CONSOLE_H
#define MONITOR_CONSOLE_H

#include "monitor/peers.h"

/* A domain's text, up to MONITOR_CONSOLE_PIECE: at home to the serial domain, elsewhere to the home's monitor; returns when it is
   out. */
[[nodiscard]] err_t console_pass(uint32_t writer, const char *text, size_t size);

/* A line of the monitor's own, on the console and in its core's log. */
void console_line(const char *format, ...) PRINTF_LIKE(1, 2);

/* PEER_CONSOLE */
err_t console_serve(const struct peer_message *request, uint64_t reply[PEER_PAYLOAD - 1]);

#endif
