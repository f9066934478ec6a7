/* The table of channel ends; see bind.h. */
#ifndef MONITOR_ENDS_H
#define MONITOR_ENDS_H

#include <skerry/ram.h>

#include "monitor/wakes.h"

enum end_state {
    END_MAKING,      /* somebody works on it, who finds out when it has become CLOSING meanwhile */
    END_OPEN,        /* the domain has it */
    END_CLOSING,     /* the domain lost it, or is being told */
    END_QUARANTINED, /* revoked here; the other monitor has not said so */
};

/* A capability that went over a channel, until that ends. */
struct loan {
    struct loan *next;
    capaddr_t
        cap; /* of ours: the mark of shared memory where it was lent, the one that we made where it was borrowed */
    bool arriving; /* lent, and the other monitor has not answered */
};

struct end {
    uint32_t id; /* 0: this entry is free */
    enum end_state state;
    bool revoked;   /* nobody here but this monitor has the frame */
    bool peer_told; /* the other monitor knows, for it said so or said nothing of this end yet */
    uint32_t domain;
    uint32_t peer;     /* the domain there */
    uint32_t peer_end; /* the other monitor's number for its end; 0: not known */
    coreid_t core;     /* of the peer */
    capaddr_t frame;
    struct ram_block block; /* size 0: the frame is the other core's */
    struct wake_place wake; /* of the peer */
    struct loan *lent, *borrowed;
    unsigned loans; /* both */
};

/* A new end in state MAKING. NO_MEMORY: the domain, or everybody together, has as many as there may be. */
[[nodiscard]] err_t end_new(uint32_t domain, coreid_t core, struct end **end);

/* NULL: none. */
struct end *end_get(uint32_t id);

/* The next end after `at` (NULL: the first). */
struct end *end_next(struct end *at);

/* Has this domain lent memory that has not come back? */
bool ends_lending(uint32_t domain);

/* Takes all capabilities and mappings of the frame from this core's domains, and of what came over the channel. */
void end_revoke(struct end *end);

/* Waits until that has happened. */
void end_wait_revoked(uint32_t id);

/* The entry is free, and so is the memory if it was ours. */
void end_free(struct end *end);

#endif
