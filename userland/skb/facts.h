/* Facts that a replica of the knowledge base finds out itself and tells all: PCI functions, and what messages cost. */
#ifndef SKB_FACTS_H
#define SKB_FACTS_H

#include <skerry/base.h>

/* pci(Location, Vendor, Device, Class) for each function. */
void facts_find_pci(void);

/* cost(From, To, Ticks) for every ordered pair of cores that answer, in place of what was known. Waits; `pairs` are those that
   answered. NO_MEMORY: the journal or the base is full, what was measured before that is told. */
[[nodiscard]] err_t facts_measure(uint32_t rounds, uint64_t *pairs);

#endif
