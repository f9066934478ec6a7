/* The table of regions, sorted by address, and what is mapped in each. */
#include <abi/stubs.h>
#include <skerry/heap.h>
#include <skerry/held.h>
#include <skerry/slots.h>
#include <skerry/string.h>

#include "lib/fibre_internal.h"
#include "lib/region_internal.h"
#include "lib/vspace_internal.h"

static struct region **regions;
static unsigned region_count, region_room;

/* Number of regions that begin at or below this address. */
static unsigned regions_below(vaddr_t address) {
    unsigned low = 0, high = region_count;
    while (low < high) {
        unsigned middle = (low + high) / 2;
        if (regions[middle]->base <= address) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

struct region *region_find(vaddr_t address) {
    unsigned below = regions_below(address);
    struct region *region = below > 0 ? regions[below - 1] : NULL;
    return region != NULL && address - region->base < region->size ? region : NULL;
}

static err_t table_need_room(void) {
    if (region_count < region_room) {
        return ERR_OK;
    }
    unsigned room = MAX(2 * region_room, 16u);
    struct region **larger = calloc(room, sizeof(*larger));
    if (larger == NULL) {
        return ERR_NO_MEMORY;
    }
    memcpy(larger, regions, region_count * sizeof(*larger));
    struct region **smaller = regions;
    regions = larger;
    region_room = room;
    held_block(smaller == NULL ? -1 : 0); /* there is one such table from now on */
    free(smaller);
    return ERR_OK;
}

static void table_insert(struct region *region) {
    unsigned at = regions_below(region->base);
    memmove(&regions[at + 1], &regions[at], (region_count - at) * sizeof(struct region *));
    regions[at] = region;
    region_count++;
}

static void table_remove(const struct region *region) {
    unsigned at = regions_below(region->base);
    memmove(&regions[at - 1], &regions[at], (region_count - at) * sizeof(struct region *));
    region_count--;
}

static void region_free(struct region *region) {
    free(region->batches);
    free(region->mapped);
    free(region);
}

static err_t region_make(const struct region_request *request, struct region **out) {
    TRY(table_need_room());
    struct region *region = calloc(1, sizeof(*region));
    if (region == NULL) {
        return ERR_NO_MEMORY;
    }
    region->request = *request;
    region->size = request->size;
    region->unit = page_bytes(request->page);
    region->mapped = calloc(request->size / region->unit, sizeof(capaddr_t));
    err_t err = region->mapped == NULL ? ERR_NO_MEMORY : ERR_OK;
    if (err == ERR_OK && request->pager == &pager_zero) {
        err = region_memory_prepare(region);
    }
    if (err != ERR_OK) {
        region_free(region);
        return err;
    }
    *out = region;
    return ERR_OK;
}

err_t region_reserve(const struct region_request *request, struct region **out) {
    PINNED();
    struct region *region;
    TRY(region_make(request, &region));
    err_t err = vspace_take(request->size, request->page, &region->base);
    if (err != ERR_OK) {
        region_free(region);
        return err;
    }
    table_insert(region);
    *out = region;
    return ERR_OK;
}

err_t region_place(const struct region_request *request, vaddr_t base) {
    PINNED();
    struct region *region;
    TRY(region_make(request, &region));
    region->base = base;
    table_insert(region);
    return ERR_OK;
}

void *region_base(const struct region *region) {
    return (void *)region->base;
}

uint64_t region_size(const struct region *region) {
    return region->size;
}

void *region_context(const struct region *region) {
    return region->request.context;
}

unsigned region_flags(const struct region *region) {
    return region->request.flags;
}

unsigned region_page_flags(const struct region *region, unsigned flags) {
    static const unsigned sizes[] = {[PAGE_4K] = 0, [PAGE_2M] = VSPACE_2M, [PAGE_1G] = VSPACE_1G};
    return (flags & ~(VSPACE_2M | VSPACE_1G)) | sizes[region->request.page];
}

err_t region_map_page(struct region *region, uint64_t page, const struct vspace_request *source) {
    struct vspace_request one = *source;
    uint64_t bytes;
    one.flags = region_page_flags(region, source->flags);
    one.size = region->unit;
    return vspace_map_run(&one, region->base + page * region->unit, &bytes, &region->mapped[page]);
}

/* As much of a source as one page table takes. */
static err_t map_run(struct region *region, uint64_t page, const struct vspace_request *source, uint64_t *bytes) {
    struct vspace_request run = *source;
    run.flags = region_page_flags(region, source->flags);
    TRY(vspace_map_run(&run, region->base + page * region->unit, bytes, &region->mapped[page]));
    for (uint64_t i = 1; i < *bytes / region->unit; i++) {
        region->mapped[page + i] = region->mapped[page];
    }
    return ERR_OK;
}

static bool part_ok(const struct region *region, uint64_t offset, uint64_t size) {
    return size != 0 && (offset | size) % region->unit == 0 && offset < region->size && size <= region->size - offset;
}

/* The part begins and ends where mappings do. */
static bool whole_runs(const struct region *region, uint64_t first, uint64_t end) {
    const capaddr_t *mapped = region->mapped;
    bool begins = first == 0 || mapped[first] == CAP_NULL || mapped[first] != mapped[first - 1];
    bool ends = end == region->size / region->unit || mapped[end] == CAP_NULL || mapped[end] != mapped[end - 1];
    return begins && ends;
}

static uint64_t run_end(const struct region *region, uint64_t page, uint64_t end) {
    capaddr_t run = region->mapped[page];
    do {
        page++;
    } while (page < end && region->mapped[page] == run);
    return page;
}

static void unmap_pages(struct region *region, uint64_t first, uint64_t end) {
    for (uint64_t page = first, next; page < end; page = next) {
        next = run_end(region, page, end);
        capaddr_t run = region->mapped[page] & ~PAGE_OWN;
        if (run != CAP_NULL) {
            memset(&region->mapped[page], 0, (next - page) * sizeof(capaddr_t));
            slot_release(run);
        }
    }
}

err_t region_map(struct region *region, uint64_t offset, const struct vspace_request *request) {
    PINNED();
    if (!part_ok(region, offset, request->size)) {
        return ERR_ARGUMENT;
    }
    struct vspace_request rest = *request;
    uint64_t first = offset / region->unit, page = first, bytes = region->unit;
    for (; rest.size > 0; page += bytes / region->unit, rest.offset += bytes, rest.size -= bytes) {
        err_t err =
            region->request.pager != NULL ? region_map_page(region, page, &rest) : map_run(region, page, &rest, &bytes);
        if (err != ERR_OK) {
            unmap_pages(region, first, page);
            return err;
        }
    }
    return ERR_OK;
}

err_t region_protect(struct region *region, uint64_t offset, uint64_t size, unsigned flags) {
    PINNED();
    uint64_t first = offset / region->unit, end = first + size / region->unit;
    if (!part_ok(region, offset, size)) {
        return ERR_ARGUMENT;
    }
    if (!whole_runs(region, first, end)) {
        return ERR_MAP_RANGE;
    }
    for (uint64_t page = first; page < end; page = run_end(region, page, end)) {
        capaddr_t run = region->mapped[page] & ~PAGE_OWN;
        if (run != CAP_NULL) {
            TRY(mapping_protect(run, flags));
        }
    }
    if (size == region->size) {
        region->request.flags = flags;
    }
    return ERR_OK;
}

err_t region_unmap(struct region *region, uint64_t offset, uint64_t size) {
    PINNED();
    uint64_t first = offset / region->unit, end = first + size / region->unit;
    if (!part_ok(region, offset, size)) {
        return ERR_ARGUMENT;
    }
    if (!whole_runs(region, first, end)) {
        return ERR_MAP_RANGE;
    }
    TRY(region_memory_unmap(region, first, end));
    unmap_pages(region, first, end);
    return ERR_OK;
}

void region_release(struct region *region) {
    PINNED();
    unmap_pages(region, 0, region->size / region->unit);
    region_memory_release(region);
    table_remove(region);
    vspace_give(region->base, region->size, region->request.page);
    region_free(region);
}
