/*
 * Mappings: writing, protecting and clearing their entries.
 *
 * A mapping outlives the frame capability that it was made from, so it keeps that one's rights. Its table cannot be
 * gone: a table that ends takes its mappings with it.
 */
#include "cap/mapping.h"

#include "cap/invoke.h"

/* Entries were cleared since the last flush. */
static bool flush_due;

/* Level of the table in which a mapping of pages lies. */
static unsigned mapping_level(const struct cap *mapping) {
    unsigned level = 1;
    while (mapping->size != mapping->span * mapping_page_size(level)) {
        level++;
    }
    return level;
}

void mapping_clear(const struct cap *mapping) {
    memset(mapping_entries(mapping), 0, mapping->span * sizeof(uint64_t));
    flush_due = true;
}

void mapping_flush(void) {
    if (flush_due) {
        flush_due = false;
        paging_flush();
    }
}

static err_t protect_decode(const struct cap *mapping, uint64_t flags) {
    TRY(mapping_flags_decode(mapping->rights, flags));
    return (flags & MAP_LARGE) != 0 && mapping_level(mapping) == 1 ? ERR_MAP_LEVEL : ERR_OK;
}

err_t inv_mapping_protect(struct invocation *inv) {
    const struct cap *mapping = &inv->cap->cap;
    TRY(protect_decode(mapping, inv->word[0]));
    unsigned level = mapping_level(mapping);
    uint64_t first = pte_page(mapping->base, level, (uint32_t)inv->word[0]);
    mapping_write(mapping_entries(mapping), first, mapping_page_size(level), mapping->span);
    paging_flush();
    return ERR_OK;
}
