/* What the knowledge base is told: this core's replica of the journal of texts (journal.h). It is there before any knowledge base
   runs here and whether one does or not, so that what was told outlives every core but the last. */
#ifndef MONITOR_TOLD_H
#define MONITOR_TOLD_H

#include <skerry/journal.h>

#include "monitor/peers.h"

/* The engine's client; before it starts. */
void told_init(void);

/* After it has started. */
[[nodiscard]] err_t told_begin(void);

/* Every replica has the text; its number among all. TIMEOUT: it has not happened; NO_MEMORY: the journal is full. */
[[nodiscard]] err_t told_put(const struct journal_text *text, uint64_t deadline, uint64_t *number);

/* The newest text about a topic; NULL: there is none. Until somebody waits. */
const struct journal_entry *told_newest(unsigned topic);

/* A capability to read this core's replica, as it grows. NOT_READY. */
[[nodiscard]] err_t told_share(capaddr_t *cap);

/* What a core's replica has come to, in the order of MONITOR_TOLD's words. */
#define TOLD_WORDS 5
[[nodiscard]] err_t told_of(coreid_t core, uint64_t words[TOLD_WORDS]);
err_t told_serve(const struct peer_message *request, uint64_t reply[PEER_PAYLOAD - 1]);

#endif
