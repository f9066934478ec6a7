/*
 * A small set of address ranges, and the gaps between them.
 */
#pragma once

#include "core/base.h"

#define RANGES_MAX 80

struct ranges {
    unsigned count;
    struct {
        paddr_t base;
        uint64_t size;
    } range[RANGES_MAX];
};

/* Add a range; panics when full, since the callers' numbers are bounded by the boot data page. */
void ranges_add(struct ranges *set, paddr_t base, uint64_t size);

/* The first gap at or above `from` and below `top`. False if there is none. */
bool ranges_gap(const struct ranges *set, paddr_t from, paddr_t top, paddr_t *base, uint64_t *size);
