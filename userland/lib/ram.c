/* Sources are the RAM capabilities held; their free parts are extents, sorted by source and offset, handed out first
   fit and merged when given back. */
#include <abi/stubs.h>
#include <skerry/log.h>
#include <skerry/ram.h>
#include <skerry/slots.h>

#include "lib/fibre_internal.h"

#define SOURCES 256
#define EXTENTS 512

struct source {
    capaddr_t cap;
    unsigned properties;
    paddr_t base; /* 0: unknown */
};

struct extent {
    uint32_t source;
    uint64_t offset;
    uint64_t size;
};

static struct source sources[SOURCES];
static uint32_t source_count;
static struct extent extents[EXTENTS];
static uint32_t extent_count;
static struct ram_totals totals;

static void extent_insert(uint32_t at, struct extent extent) {
    if (extent_count == EXTENTS) {
        log_line("ram: table of extents full, %lu KiB lost", extent.size / 1024);
        return;
    }
    for (uint32_t i = extent_count; i > at; i--) {
        extents[i] = extents[i - 1];
    }
    extents[at] = extent;
    extent_count++;
}

static void extent_remove(uint32_t at) {
    extent_count--;
    for (uint32_t i = at; i < extent_count; i++) {
        extents[i] = extents[i + 1];
    }
}

static void count_free(const struct source *source, uint64_t size, int sign) {
    totals.free += (uint64_t)sign * size;
    if ((source->properties & RAM_POOL) != 0) {
        totals.pool_free += (uint64_t)sign * size;
    }
}

/* Index of the first extent that does not lie before this place. */
static uint32_t extent_place(uint32_t source, uint64_t offset) {
    uint32_t at = 0;
    while (at < extent_count &&
           (extents[at].source < source || (extents[at].source == source && extents[at].offset < offset))) {
        at++;
    }
    return at;
}

static bool extents_touch(uint32_t low) {
    const struct extent *a = &extents[low], *b = &extents[low + 1];
    return low + 1 < extent_count && a->source == b->source && a->offset + a->size == b->offset;
}

static void extent_give(struct extent extent) {
    uint32_t at = extent_place(extent.source, extent.offset);
    extent_insert(at, extent);
    count_free(&sources[extent.source], extent.size, 1);
    if (extents_touch(at)) {
        extents[at].size += extents[at + 1].size;
        extent_remove(at + 1);
    }
    if (at > 0 && extents_touch(at - 1)) {
        extents[at - 1].size += extents[at].size;
        extent_remove(at);
    }
}

void ram_add(capaddr_t cap, paddr_t base, uint64_t size, unsigned properties) {
    ALLOCATING_QUIETLY();
    if (source_count == SOURCES) {
        log_line("ram: more than %u pieces of RAM, %lu KiB left out", SOURCES, size / 1024);
        return;
    }
    sources[source_count] = (struct source){.cap = cap, .properties = properties, .base = base};
    totals.total += size;
    extent_give((struct extent){.source = source_count++, .size = size});
}

/* Bytes to leave out at the start of an extent; an unknown base counts as aligned. */
static uint64_t skip_to_place(const struct extent *extent, const struct ram_request *request) {
    uint64_t place = sources[extent->source].base + extent->offset;
    uint64_t from = MAX(place, request->from);
    return (request->align == 0 ? from : ALIGN_UP(from, request->align)) - place;
}

static bool extent_fits(const struct extent *extent, const struct ram_request *request, unsigned spare) {
    unsigned has = sources[extent->source].properties;
    spare = (spare & ~request->properties) | request->without;
    if ((has & request->properties) != request->properties || (has & spare) != 0) {
        return false;
    }
    uint64_t skip = skip_to_place(extent, request);
    return skip < extent->size && extent->size - skip >= request->size;
}

static void extent_cut(uint32_t at, uint64_t skip, uint64_t size, struct ram_block *block) {
    struct extent whole = extents[at];
    const struct source *source = &sources[whole.source];
    block->cap = source->cap;
    block->offset = whole.offset + skip;
    block->base = source->base == 0 ? 0 : source->base + block->offset;
    block->size = size;
    count_free(source, size, -1);
    extents[at].size = skip;
    if (whole.size > skip + size) {
        struct extent rest = {whole.source, whole.offset + skip + size, whole.size - skip - size};
        extent_insert(at + 1, rest);
    }
    if (skip == 0) {
        extent_remove(at);
    }
}

static bool try_alloc(const struct ram_request *request, unsigned spare, struct ram_block *block) {
    for (uint32_t i = 0; i < extent_count; i++) {
        if (!extent_fits(&extents[i], request, spare)) {
            continue;
        }
        extent_cut(i, skip_to_place(&extents[i], request), request->size, block);
        return true;
    }
    return false;
}

err_t ram_alloc(const struct ram_request *request, struct ram_block *block) {
    ALLOCATING(block);
    if (request->size == 0 || request->size % PAGE_SIZE != 0) {
        return ERR_ARGUMENT;
    }
    /* The most precious memory is spared for longest. */
    if (try_alloc(request, RAM_LOW | RAM_POOL | RAM_BELOW4G, block) || try_alloc(request, RAM_LOW | RAM_POOL, block) ||
        try_alloc(request, RAM_LOW, block)) {
        return ERR_OK;
    }
    return ERR_NO_MEMORY;
}

void ram_free(const struct ram_block *block) {
    ALLOCATING_QUIETLY();
    for (uint32_t i = 0; i < source_count; i++) {
        if (sources[i].cap == block->cap) {
            return extent_give((struct extent){.source = i, .offset = block->offset, .size = block->size});
        }
    }
}

void ram_regain(const struct ram_block *block) {
    ALLOCATING_QUIETLY();
    totals.total += block->size;
    ram_free(block);
}

void ram_lose(const struct ram_block *block) {
    ALLOCATING_QUIETLY();
    totals.total -= block->size;
}

void ram_promote(const struct ram_block *block, unsigned properties) {
    ALLOCATING_QUIETLY();
    for (uint32_t i = 0; i < source_count; i++) {
        if (sources[i].cap == block->cap) {
            sources[i].properties |= properties;
        }
    }
    ram_free(block);
}

err_t ram_retype(const struct ram_block *block, unsigned type, capaddr_t *cap) {
    ALLOCATING(cap);
    capaddr_t slot;
    TRY(slot_alloc(&slot));
    err_t err = cap_retype(block->cap, type, block->offset, block->size, 1, slot_word(slot));
    if (err != ERR_OK) {
        slot_free(slot);
    } else {
        *cap = slot;
    }
    return err;
}

err_t ram_make(unsigned type, uint64_t size, capaddr_t *cap, struct ram_block *block) {
    fibre_touch(cap, sizeof(*cap));
    ALLOCATING(block);
    unsigned properties = type == CAP_TYPE_FRAME || type == CAP_TYPE_RAM ? 0 : RAM_POOL;
    struct ram_request request = {.size = size, .properties = properties};
    struct ram_block made;
    TRY(ram_alloc(&request, &made));
    err_t err = ram_retype(&made, type, cap);
    if (err != ERR_OK) {
        ram_free(&made);
    } else if (block != NULL) {
        *block = made;
    }
    return err;
}

bool ram_source(unsigned n, capaddr_t *cap) {
    if (n >= source_count) {
        return false;
    }
    *cap = sources[n].cap;
    return true;
}

void ram_count(struct ram_totals *out) {
    ALLOCATING(out);
    *out = totals;
}
