/* This core's replica of the knowledge base: a domain that is started when somebody here first looks it up, with what this monitor
   knows of the machine and with the journal of what was told (told.h). On core 0 it begins with the drivers. Where it ends, by
   a fault or for want of memory, the next look-up starts it anew. */
#ifndef MONITOR_SKB_H
#define MONITOR_SKB_H

#include <skerry/lrpc.h>

#include "monitor/acpi.h"
#include "monitor/names.h"

/* Core 0's, at boot. */
void skb_begin(const struct acpi_machine *machine);

/* Somebody looks for this name: if it is the knowledge base's, and none runs here, one is started. Waits for nothing. */
void skb_wanted(const struct name *name);

/* The name is the knowledge base's, and this core's own is on its way, but not there yet. */
bool skb_is_coming(const struct name *name);

/* MONITOR_TELL */
err_t skb_serve_tell(const struct lrpc_request *request, uint64_t *reply, capaddr_t *cap);

/* How far this core's has come; false: none runs. */
bool skb_applied(uint64_t *number);

#endif
