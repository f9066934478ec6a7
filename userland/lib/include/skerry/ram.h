/* This domain's memory: extents of the RAM capabilities that it holds, handed out by whole pages.
   A block stays a part of the big capability; objects are retyped straight out of that, so that an allocation costs one
   invocation. A block is given back when everything made of it has been deleted. */
#ifndef SKERRY_RAM_H
#define SKERRY_RAM_H

#include <skerry/base.h>

/* What memory may be used for: a request is met from the first extent whose properties include those wanted; memory
   with properties that nobody asked for (pool, low) is spared while there is other. */
enum ram_property {
    RAM_POOL = 1,   /* kernel objects can be made of it */
    RAM_LOW = 2,    /* below LOW_MEMORY_TOP; only given out when asked for */
    RAM_BELOW4G = 4 /* below BOOTSTRAP_TOP */
};

struct ram_block {
    capaddr_t cap;   /* the RAM capability that it is part of */
    uint64_t offset; /* its place in there */
    paddr_t base;    /* physical address; 0 where this domain does not know it */
    uint64_t size;
};

struct ram_request {
    uint64_t size;
    uint64_t align;      /* of the physical address; 0 or a power of two */
    paddr_t from;        /* the lowest physical address */
    unsigned properties; /* that it must have */
    unsigned without;    /* that it must not have */
};

struct ram_totals {
    uint64_t total;
    uint64_t free;
    uint64_t pool_free;
};

/* Adds a RAM capability; `base` is its physical address, 0 if unknown. */
void ram_add(capaddr_t cap, paddr_t base, uint64_t size, unsigned properties);

[[nodiscard]] err_t ram_alloc(const struct ram_request *request, struct ram_block *block);
void ram_free(const struct ram_block *block);

/* An allocated block is another core's from now on. */
void ram_lose(const struct ram_block *block);

/* A lost block is ours again, and free. */
void ram_regain(const struct ram_block *block);

/* A block that is all that its capability covers: the memory has these properties, too, from now on, and is free. */
void ram_promote(const struct ram_block *block, unsigned properties);

/* Makes one object of a whole block in a new slot. RETYPE_RANGE: it would be what the block's capability is already. */
[[nodiscard]] err_t ram_retype(const struct ram_block *block, unsigned type, capaddr_t *cap);

/* Allocates pages and makes one object of them; the block is returned for ram_free unless `block` is NULL. */
[[nodiscard]] err_t ram_make(unsigned type, uint64_t size, capaddr_t *cap, struct ram_block *block);

/* So many bytes more from this core's monitor, until this domain ends; with RAM_POOL among the properties pool memory. It waits,
   for the monitor may have to ask other cores. NO_MEMORY: there is none, or this domain has all that one may have. */
[[nodiscard]] err_t ram_more(uint64_t bytes, unsigned properties);

/* The n-th RAM capability that was added, for auditors; false: there are no more. */
[[nodiscard]] bool ram_source(unsigned n, capaddr_t *cap);

void ram_count(struct ram_totals *totals);

#endif
