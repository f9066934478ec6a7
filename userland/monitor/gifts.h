/* RAM that this monitor gave to other cores, and what comes from them. Who has it now, the record says (ownership.h); by that, the
   memory of a core that is gone comes to the home. */
#ifndef MONITOR_GIFTS_H
#define MONITOR_GIFTS_H

#include <skerry/base.h>
#include <skerry/ram.h>

#include "monitor/ownership.h"

struct gift {
    struct gift *next;
    struct ram_block block;
    capaddr_t cap; /* of exactly that */
    bool whole;    /* it is the block's own, which covers no more */
};

/* All of them; NULL: the first one, past the last. */
const struct gift *gifts_next(const struct gift *gift);

/* Whole chunks, below 4 GiB, ours until they are given. */
[[nodiscard]] err_t gift_take(uint64_t size, struct gift **gift);

/* The core's from now on, and so in the record. */
[[nodiscard]] err_t gift_give(struct gift *gift, coreid_t core);

/* One that was not given after all. */
void gift_return(struct gift *gift);

/* Gives so many bytes in one run, a gift for each chunk, so that they can be passed on one by one. */
[[nodiscard]] err_t gifts_give_run(coreid_t core, uint64_t size, struct ram_range *given);

/* What is this core's by the record from now on: what it had given away itself is as before, and ours; all else is adopted, as free
   RAM. */
[[nodiscard]] err_t gifts_receive(const struct ram_range *range);

/* The home's: all that the core has is ours, and free. Only once it no longer runs, and nobody else has a share in its memory. */
[[nodiscard]] err_t gifts_take_back(coreid_t core);

/* The same for a run that was given to a core that was not started after all. */
void gifts_take_back_run(const struct ram_range *run);

/* What was kept because others still held some of it (survivors.h), and is held no more: so many bytes are ours. Waits. */
uint64_t gifts_take_back_kept(void);

#endif
