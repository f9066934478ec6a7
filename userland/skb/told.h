/* What was told, on whatever core: this core's monitor keeps a journal of it (monitor/told.c), the same on all cores; here it is
   taken in, text by text, whenever somebody asks. So all replicas come to the same facts and rules, and none asks another. */
#ifndef SKB_TOLD_H
#define SKB_TOLD_H

#include <if/knowledge.h>

#include "skb/datalog/datalog.h"

/* What came of a text: the same on every core. */
struct outcome {
    bool fine;
    uint64_t taken; /* facts that were taken back */
    struct datalog_error refusal;
};

void told_begin(struct datalog *base, const struct journal_memory *journal, uint64_t size, struct knowledge_desk *desk);

/* All that was told before this call began is in the base when it returns. */
void told_catch_up(void);

/* Tells all replicas, and takes it in here. NO_MEMORY: the journal is full; TIMEOUT: the cores do not agree in time. In both
   cases it has not happened. */
[[nodiscard]] err_t told_tell(const struct journal_text *text, struct outcome *outcome);

/* A text with this topic is in the journal. */
bool told_has(unsigned topic);

#endif
