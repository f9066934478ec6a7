/* Does everything return? Counts what this core's domains, channels and names take, against a baseline taken after start-up.
   What the monitor itself makes once and keeps (channels to other monitors, bindings to drivers) is left out. */
#ifndef MONITOR_LEAKS_H
#define MONITOR_LEAKS_H

#include <if/monitor.h>
#include <skerry/held.h>

#include "monitor/peers.h"

/* From now on `leaks` compares with what there is now. */
void leaks_baseline(void);

/* This core is a new home: its services belong to the baseline, which is taken anew when it is first asked for while no other
   domains run here. */
void leaks_baseline_when_quiet(void);

/* enum monitor_leak, each as a difference to the baseline. */
[[nodiscard]] err_t leaks_of(coreid_t core, int32_t leaks[MONITOR_LEAKS_COUNT]);

/* PEER_LEAKS */
err_t leaks_serve(const struct peer_message *request, uint64_t reply[PEER_PAYLOAD - 1]);

/* So much is kept from now on (or, below 0, no longer). */
void leaks_keep(int64_t slots, int64_t blocks);

/* What is made between these two, without waiting for anything, stays for good: or, when it is less, goes again. */
struct held leaks_made_from(void);
void leaks_made_for_good(const struct held *before);

#endif
