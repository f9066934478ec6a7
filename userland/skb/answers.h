/* Answers that wait to be read by the client who asked. */
#ifndef SKB_ANSWERS_H
#define SKB_ANSWERS_H

#include "skb/datalog/datalog.h"

#define ANSWERS_MAX (512ul << 10)

struct answers {
    struct datalog_reader reader; /* first, so that the reader is the answers */
    char *text;
    size_t size, room;
    uint64_t rows;
    bool full;
};

/* Empty, ready to be read into; memory of earlier answers is kept for these. */
void answers_begin(struct answers *answers);

/* For datalog_facts. */
bool answers_line(void *answers, const char *line);

/* OK, or NO_MEMORY: there were more than ANSWERS_MAX bytes, or no memory for them. */
[[nodiscard]] err_t answers_end(struct answers *answers);

void answers_forget(struct answers *answers);

#endif
