/*
 * The machine's memory as a sorted list of regions that do not overlap, in whole pages.
 *
 * It is made by laying claims over one another: firmware's list first, then what the loader takes. A later claim
 * replaces what it covers; MEMMAP_NONE makes a hole. Neighbours of one type are one region.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <abi/abi.h>

#define MEMMAP_REGIONS 128
#define MEMMAP_NONE 0 /* not a region_type: nothing, or nothing that anybody may have */

struct memmap {
    unsigned count;
    struct boot_region region[MEMMAP_REGIONS];
};

/* Part of physical memory; end is the first byte after it. */
struct memmap_range {
    paddr_t base;
    paddr_t end;
};

/* Claims a range for a type: RAM is rounded inwards to whole pages, anything else outwards. ERR_NO_MEMORY: list full. */
[[nodiscard]] err_t memmap_set(struct memmap *map, struct memmap_range range, uint32_t type);

/* Whether all of a range is of one type. */
bool memmap_covers(const struct memmap *map, struct memmap_range range, uint32_t type);

/* Takes the lowest run of RAM inside a range away that is aligned to whole chunks, or to its size (a power of two) when that
 * is less. ERR_NOT_FOUND: there is none. */
[[nodiscard]] err_t memmap_take(struct memmap *map, struct memmap_range within, uint64_t size, paddr_t *out);

/* Bytes of a type in a range. */
uint64_t memmap_total(const struct memmap *map, struct memmap_range within, uint32_t type);

/* Drops the smallest regions but the archive until `limit` are left; returns how many bytes of RAM that cost. */
uint64_t memmap_trim(struct memmap *map, unsigned limit);
