/* RAM of this monitor that other cores have: the record by which it is taken back when they have been stopped. */
#ifndef MONITOR_GIFTS_H
#define MONITOR_GIFTS_H

#include <skerry/base.h>
#include <skerry/ram.h>

struct gift {
    struct gift *next;
    struct ram_block block;
    capaddr_t cap; /* of exactly that */
    coreid_t core; /* whose it is; this one until it is given */
};

/* Whole chunks, below 4 GiB, ours until they are given. */
[[nodiscard]] err_t gift_take(uint64_t size, struct gift **gift);

/* The core's from now on. */
[[nodiscard]] err_t gift_give(struct gift *gift, coreid_t core);

/* One that was not given after all. */
void gift_return(struct gift *gift);

/* All that the core has: ours again, and free. Only once it no longer runs, and nobody else has a share in its memory. */
[[nodiscard]] err_t gifts_take_back(coreid_t core);

/* Bytes that the core has. */
uint64_t gifts_of(coreid_t core);

#endif
