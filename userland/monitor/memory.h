/* This core's memory service: RAM for its monitor and its domains. Where the core runs dry, its neighbours are asked for whole
   chunks, the nearest first; none is asked before. */
#ifndef MONITOR_MEMORY_H
#define MONITOR_MEMORY_H

#include <skerry/ram.h>

#include "monitor/ownership.h"
#include "monitor/peers.h"

/* As ram_alloc, but asks the neighbours, and makes chunks pool memory where that is wanted. May wait. */
[[nodiscard]] err_t memory_alloc(const struct ram_request *request, struct ram_block *block);

/* RAM for a domain to make its own objects of, on top of what it was born with, at most MEMORY_DOMAIN_MAX in sum; `pool`: it
   can make kernel objects of it, too. It gets `bytes`, whole pages. */
struct memory_wish {
    uint32_t domain;
    uint64_t bytes;
    bool pool;
};
#define MEMORY_DOMAIN_MAX (256ul << 20)
[[nodiscard]] err_t memory_for_domain(const struct memory_wish *wish, capaddr_t *cap);

/* The domain has ended: all of that returns. */
void memory_end_domain(uint32_t domain);

/* Another core asks for chunks: PEER_RAM. */
err_t memory_serve(const struct peer_message *request, uint64_t reply[PEER_PAYLOAD - 1]);

/* The record (ownership.h) says that this is ours: another core has given it. */
void memory_arrived(const struct ram_range *range);

[[nodiscard]] err_t memory_init(void);

#endif
