/* Does the record of who owns which memory (ownership.h) say what is so? Compares this core's replica with what this core holds:
   RAM capabilities of its own, as its CPU driver describes them, what it was born with, and what it has given away. What the
   replicas of several cores say is compared by who asks. A change that is under way may show; who asks asks again. */
#ifndef MONITOR_AUDIT_H
#define MONITOR_AUDIT_H

#include <if/monitor.h>

#include "monitor/peers.h"

/* The words of enum monitor_audit. */
[[nodiscard]] err_t audit_of(coreid_t core, enum monitor_audit_practice practice, uint64_t words[MONITOR_AUDIT_WORDS]);

/* PEER_AUDIT */
err_t audit_serve(const struct peer_message *request, uint64_t reply[PEER_PAYLOAD - 1]);

#endif
