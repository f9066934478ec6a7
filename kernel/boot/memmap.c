/*
 * The machine's memory as a list of regions. Lists are short (about ten), so everything is a walk over all.
 */
#include "boot/memmap.h"

#include "boot/freestanding.h"

#define ADDRESS_TOP (1ULL << 52) /* no physical address is longer */

static paddr_t region_end(const struct boot_region *r) {
    return r->base + r->size;
}

/* Adds a range at the list's end. An empty one and a hole add nothing; one that continues the last region extends it. */
static err_t append(struct memmap *map, struct memmap_range range, uint32_t type) {
    if (range.base >= range.end || type == MEMMAP_NONE) {
        return ERR_OK;
    }
    struct boot_region *last = map->count > 0 ? &map->region[map->count - 1] : NULL;
    if (last != NULL && last->type == type && region_end(last) == range.base) {
        last->size = range.end - last->base;
        return ERR_OK;
    }
    if (map->count == MEMMAP_REGIONS) {
        return ERR_NO_MEMORY;
    }
    map->region[map->count++] = (struct boot_region){.base = range.base, .size = range.end - range.base, .type = type};
    return ERR_OK;
}

static struct memmap_range whole_pages(struct memmap_range range, uint32_t type) {
    range.end = range.end < ADDRESS_TOP ? range.end : ADDRESS_TOP;
    if (range.base >= range.end) {
        return (struct memmap_range){0, 0};
    }
    if (type == REGION_TYPE_RAM) {
        return (struct memmap_range){.base = page_up(range.base), .end = page_down(range.end)};
    }
    return (struct memmap_range){.base = page_down(range.base), .end = page_up(range.end)};
}

/* Copies `from`, with the range in its place, to the empty `to`. */
static err_t overlay(const struct memmap *from, struct memmap_range range, uint32_t type, struct memmap *to) {
    unsigned i = 0;
    for (; i < from->count && from->region[i].base < range.base; i++) {
        const struct boot_region *r = &from->region[i];
        paddr_t end = region_end(r) < range.base ? region_end(r) : range.base;
        TRY(append(to, (struct memmap_range){r->base, end}, r->type));
    }
    TRY(append(to, range, type));
    for (i = i > 0 ? i - 1 : 0; i < from->count; i++) {
        const struct boot_region *r = &from->region[i];
        paddr_t base = r->base > range.end ? r->base : range.end;
        TRY(append(to, (struct memmap_range){base, region_end(r)}, r->type));
    }
    return ERR_OK;
}

err_t memmap_set(struct memmap *map, struct memmap_range range, uint32_t type) {
    range = whole_pages(range, type);
    if (range.base >= range.end) {
        return ERR_OK;
    }
    struct memmap changed = {.count = 0};
    TRY(overlay(map, range, type, &changed));
    *map = changed;
    return ERR_OK;
}

bool memmap_covers(const struct memmap *map, struct memmap_range range, uint32_t type) {
    for (unsigned i = 0; i < map->count; i++) {
        const struct boot_region *r = &map->region[i];
        if (r->type == type && r->base <= range.base && range.end <= region_end(r)) {
            return true;
        }
    }
    return false;
}

err_t memmap_take(struct memmap *map, struct memmap_range within, uint64_t size, paddr_t *out) {
    uint64_t align = size < CHUNK_SIZE ? size : CHUNK_SIZE;
    for (unsigned i = 0; i < map->count; i++) {
        const struct boot_region *r = &map->region[i];
        paddr_t low = r->base > within.base ? r->base : within.base;
        paddr_t high = region_end(r) < within.end ? region_end(r) : within.end;
        paddr_t base = (low + align - 1) & ~(align - 1);
        if (r->type == REGION_TYPE_RAM && base < high && size <= high - base) {
            TRY(memmap_set(map, (struct memmap_range){base, base + size}, MEMMAP_NONE));
            *out = base;
            return ERR_OK;
        }
    }
    return ERR_NOT_FOUND;
}

uint64_t memmap_total(const struct memmap *map, struct memmap_range within, uint32_t type) {
    uint64_t total = 0;
    for (unsigned i = 0; i < map->count; i++) {
        const struct boot_region *r = &map->region[i];
        paddr_t low = r->base > within.base ? r->base : within.base;
        paddr_t high = region_end(r) < within.end ? region_end(r) : within.end;
        total += r->type == type && low < high ? high - low : 0;
    }
    return total;
}

uint64_t memmap_trim(struct memmap *map, unsigned limit) {
    uint64_t lost = 0;
    while (map->count > limit) {
        unsigned smallest = 0;
        for (unsigned i = 1; i < map->count; i++) {
            const struct boot_region *r = &map->region[i], *s = &map->region[smallest];
            bool keep = s->type != REGION_TYPE_ARCHIVE && (r->type == REGION_TYPE_ARCHIVE || r->size >= s->size);
            smallest = keep ? smallest : i;
        }
        lost += map->region[smallest].type == REGION_TYPE_RAM ? map->region[smallest].size : 0;
        for (unsigned i = smallest; i + 1 < map->count; i++) {
            map->region[i] = map->region[i + 1];
        }
        map->count--;
    }
    return lost;
}
