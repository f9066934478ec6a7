/* Facts that the knowledge base finds out itself, after its start: PCI functions, and what messages cost. */
#ifndef SKB_FACTS_H
#define SKB_FACTS_H

#include "skb/datalog/datalog.h"

/* pci(Location, Vendor, Device, Class) for each function. */
void facts_find_pci(struct datalog *base);

/* cost(From, To, Ticks) for every ordered pair of live cores, or with `from` below MAX_CORES for those from and to that one.
   Old costs of the pairs are replaced. Waits; returns the pairs that answered. */
uint64_t facts_measure(struct datalog *base, coreid_t from, uint32_t rounds);

#endif
