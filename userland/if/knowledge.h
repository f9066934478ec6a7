/* Between a monitor and its core's replica of the knowledge base (monitor/skb.c, skb/told.c): what the replica is started with, and
   what the texts of the journal mean. */
#ifndef IF_KNOWLEDGE_H
#define IF_KNOWLEDGE_H

#include <skerry/journal.h>

/* Frames in the slots from CAP_GIVEN on. */
enum knowledge_gift {
    KNOWLEDGE_TEXTS,   /* to begin with: name, NUL, text, NUL, ... and a NUL */
    KNOWLEDGE_MEMORY,  /* to work in */
    KNOWLEDGE_JOURNAL, /* struct journal_memory, to read: what was told, on whatever core */
    KNOWLEDGE_DESK,    /* struct knowledge_desk */
    KNOWLEDGE_GIFTS
};

/* The replica's to write, the monitor's to read. */
struct knowledge_desk {
    uint64_t applied; /* number of the newest text that the replica has taken in */
    uint8_t text[JOURNAL_TEXT];
};

/* Of a text in the journal. */
enum knowledge_kind {
    KNOWLEDGE_TELL = 1,
    KNOWLEDGE_RETRACT,
    KNOWLEDGE_COSTS, /* what messages from a core to all others cost: struct knowledge_costs, in place of what was known */
    KNOWLEDGE_LIVE /* which cores are live: struct agree_set, likewise */
};

struct knowledge_costs {
    uint32_t from;
    uint32_t ticks[MAX_CORES]; /* to core N, as many as the text has; 0: not measured */
};

/* Of a text in the journal: what a later one makes superfluous. */
#define KNOWLEDGE_TOPIC_MEMORY 1
#define KNOWLEDGE_TOPIC_PCI 2 /* and the fifteen after it: the functions in the order of the bus */
#define KNOWLEDGE_TOPIC_LIVE 18
#define KNOWLEDGE_TOPIC_COSTS(from) (64 + (from))

#endif
