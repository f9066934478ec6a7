/*
 * Unsorted and searched linearly: it is used once, at start-up.
 */
#include "core/ranges.h"

void ranges_add(struct ranges *set, paddr_t base, uint64_t size) {
    KASSERT(set->count < RANGES_MAX);
    set->range[set->count].base = base;
    set->range[set->count].size = size;
    set->count++;
}

/* End of the range that covers `address`, or 0. */
static paddr_t covering_end(const struct ranges *set, paddr_t address) {
    for (unsigned i = 0; i < set->count; i++) {
        if (address >= set->range[i].base && address - set->range[i].base < set->range[i].size) {
            return set->range[i].base + set->range[i].size;
        }
    }
    return 0;
}

/* Lowest base above `address`, or `top`. */
static paddr_t next_base(const struct ranges *set, paddr_t address, paddr_t top) {
    paddr_t next = top;
    for (unsigned i = 0; i < set->count; i++) {
        if (set->range[i].base > address && set->range[i].size != 0) {
            next = MIN(next, set->range[i].base);
        }
    }
    return next;
}

bool ranges_gap(const struct ranges *set, paddr_t from, paddr_t top, paddr_t *base, uint64_t *size) {
    paddr_t end;
    while (from < top && (end = covering_end(set, from)) != 0) {
        from = end;
    }
    if (from >= top) {
        return false;
    }
    *base = from;
    *size = next_base(set, from, top) - from;
    return true;
}
