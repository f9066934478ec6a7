/* How a new core's monitor and its starter meet: HELLO with the new core's identity, WELCOME with the machine's. */
#ifndef MONITOR_JOINING_H
#define MONITOR_JOINING_H

#include "monitor/links.h"
#include "monitor/peers.h"

void joining_take(struct link *link, const struct peer_message *message);

/* The starter: waits until this core has said hello. */
[[nodiscard]] bool joining_wait(const struct core *core, uint64_t deadline);

/* The starter: whoever has said hello so far is welcomed, and counts among those who are let in. */
void joining_settle(void);

/* The new core: opens the channel that it was born with, says hello, waits for the welcome. */
[[nodiscard]] err_t joining_join(void);

#endif
