/*
 * Mappings: runs of page-table entries. `extra` is the table's physical address | index of the first entry, `span` how
 * many entries there are, base and size the memory that they map.
 */
#pragma once

#include "cap/cap.h"
#include "core/mem.h"
#include "x86_64/pte.h"

#define MAPPING_RIGHTS (MAP_READ | MAP_WRITE | MAP_EXECUTE)

/* Bytes that an entry of a table of this level covers. */
static inline uint64_t mapping_page_size(unsigned level) {
    return (uint64_t)PAGE_SIZE << (9 * (level - 1));
}

/* Flags that a domain asks for, against the rights that it has: CAP_RIGHTS, MAP_FLAGS. */
[[nodiscard]] static inline err_t mapping_flags_decode(uint8_t rights, uint64_t flags) {
    const uint64_t known = MAPPING_RIGHTS | MAP_UNCACHED | MAP_LARGE;
    if ((flags & ~known) != 0 || (flags & MAP_READ) == 0 ||
        (flags & (MAP_WRITE | MAP_EXECUTE)) == (MAP_WRITE | MAP_EXECUTE)) {
        return ERR_MAP_FLAGS;
    }
    return (flags & MAPPING_RIGHTS & ~(uint64_t)rights) != 0 ? ERR_CAP_RIGHTS : ERR_OK;
}
_Static_assert((int)MAP_READ == (int)RIGHT_READ && (int)MAP_WRITE == (int)RIGHT_WRITE &&
                   (int)MAP_EXECUTE == (int)RIGHT_EXECUTE,
               "flags and rights compare bit by bit");

/* Write the entries of a mapping of pages: `first`, and so on by `page` bytes. */
static inline void mapping_write(uint64_t *entry, uint64_t first, uint64_t page, uint64_t count) {
    entry[0] = first | PTE_HEAD;
    for (uint64_t i = 1; i < count; i++) {
        entry[i] = first + i * page;
    }
}

/* Where they are. */
static inline uint64_t *mapping_entries(const struct cap *mapping) {
    uint64_t *table = mem_direct(ALIGN_DOWN(mapping->extra, PAGE_SIZE));
    return table + mapping->extra % PAGE_SIZE;
}

/* Clear the entries of a mapping. Translations may linger until mapping_flush(), which must follow in this entry. */
void mapping_clear(const struct cap *mapping);
void mapping_flush(void);
