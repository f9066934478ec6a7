/* RAM of this monitor that other cores have.
   Core 0's monitor, to which all RAM belonged at first, knows of each gift who has it now: it is told when a core passes a
   chunk on. By this record the memory of a core that has been stopped is taken back. For another monitor a gift is only what
   it gave away, until it comes back some day. */
#ifndef MONITOR_GIFTS_H
#define MONITOR_GIFTS_H

#include <skerry/base.h>
#include <skerry/ram.h>

struct gift {
    struct gift *next;
    struct ram_block block;
    capaddr_t cap; /* of exactly that */
    coreid_t core; /* whose it is; this one until it is given */
    bool kept;     /* that core is dead, and others still have some of it (survivors.h) */
};

/* Whole chunks, below 4 GiB, ours until they are given. */
[[nodiscard]] err_t gift_take(uint64_t size, struct gift **gift);

/* The core's from now on. */
[[nodiscard]] err_t gift_give(struct gift *gift, coreid_t core);

/* One that was not given after all. */
void gift_return(struct gift *gift);

/* Gives so many chunks in one run, a gift each, so that they can be passed on one by one. */
[[nodiscard]] err_t gifts_give_run(coreid_t core, uint64_t chunks, paddr_t *base);

/* A run that this core was given: what it had given away itself is as before, and ours; all else is adopted, as free RAM. */
[[nodiscard]] err_t gifts_receive(paddr_t base, uint64_t chunks);

/* Core 0's: `from` has passed a run on to `to`. ARGUMENT: it does not have that. */
[[nodiscard]] err_t gifts_passed(const struct boot_pool *run, coreid_t from, coreid_t to);

/* A run that was given but not received is ours again. */
void gifts_undo(paddr_t base, uint64_t chunks);

/* Core 0's: all that the core has is ours again, and free. Only once it no longer runs, and nobody else has a share in its
   memory. */
[[nodiscard]] err_t gifts_take_back(coreid_t core);

/* ... and of what was kept then, what is held no more: so many bytes. */
uint64_t gifts_take_back_kept(void);

/* Bytes that the core has. */
uint64_t gifts_of(coreid_t core);

#endif
