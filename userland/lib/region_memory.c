/* A region's own memory: frames of a few pages each, made when the first of these pages is touched, so that the memory
   allocator is asked once for several faults. A page that is unmapped while its neighbours are not is zeroed, so whatever is
   not mapped is zero. */
#include <abi/stubs.h>
#include <skerry/heap.h>
#include <skerry/slots.h>
#include <skerry/string.h>

#include "lib/fibre_internal.h"
#include "lib/region_internal.h"

#define SMALL_REGION_PAGES 64
#define SMALL_BATCH 4
#define LARGE_BATCH 16

static uint64_t page_count(const struct region *region) {
    return region->size / region->unit;
}

static uint64_t batch_count(const struct region *region) {
    return (page_count(region) + region->batch_pages - 1) / region->batch_pages;
}

err_t region_memory_prepare(struct region *region) {
    if (region->batches != NULL) {
        return ERR_OK;
    }
    region->batch_pages = page_count(region) <= SMALL_REGION_PAGES ? SMALL_BATCH : LARGE_BATCH;
    if (region->request.page != PAGE_4K) {
        region->batch_pages = 1;
    }
    region->batches = calloc(batch_count(region), sizeof(struct batch));
    return region->batches != NULL ? ERR_OK : ERR_NO_MEMORY;
}

static err_t batch_make(struct region *region, uint64_t index, struct batch *batch) {
    uint64_t pages = MIN(region->batch_pages, page_count(region) - index * region->batch_pages);
    struct ram_request request = {.size = pages * region->unit, .align = region->unit};
    TRY(ram_alloc(&request, &batch->block));
    err_t err = ram_retype(&batch->block, CAP_TYPE_FRAME, &batch->frame);
    if (err != ERR_OK) {
        ram_free(&batch->block);
    }
    return err;
}

err_t region_memory(struct region *region, uint64_t page, struct vspace_request *source) {
    uint64_t index = page / region->batch_pages;
    struct batch *batch = &region->batches[index];
    if (batch->frame == CAP_NULL) {
        TRY(batch_make(region, index, batch));
    }
    source->cap = batch->frame;
    source->offset = page % region->batch_pages * region->unit;
    source->size = region->unit;
    source->flags = region->request.flags;
    return ERR_OK;
}

err_t region_memory_map(struct region *region, uint64_t page) {
    struct vspace_request source;
    TRY(region_memory(region, page, &source));
    TRY(region_map_page(region, page, &source));
    region->mapped[page] |= PAGE_OWN;
    return ERR_OK;
}

static void batch_free(struct batch *batch) {
    if (batch->frame == CAP_NULL) {
        return;
    }
    slot_release(batch->frame);
    ram_free(&batch->block);
    batch->frame = CAP_NULL;
}

/* Is any page of this batch of own memory mapped outside of these? */
static bool batch_lives(const struct region *region, uint64_t index, uint64_t first, uint64_t end) {
    uint64_t from = index * region->batch_pages, to = MIN(from + region->batch_pages, page_count(region));
    for (uint64_t page = from; page < to; page++) {
        if ((page < first || page >= end) && (region->mapped[page] & PAGE_OWN) != 0) {
            return true;
        }
    }
    return false;
}

static err_t page_zero(struct region *region, uint64_t page) {
    TRY(mapping_protect(region->mapped[page] & ~PAGE_OWN, MAP_READ | MAP_WRITE));
    memset((char *)region->base + page * region->unit, 0, region->unit);
    return ERR_OK;
}

static err_t page_unmap(struct region *region, uint64_t page, uint64_t first, uint64_t end) {
    uint64_t index = page / region->batch_pages;
    if (batch_lives(region, index, first, end)) {
        TRY(page_zero(region, page));
    }
    slot_release(region->mapped[page] & ~PAGE_OWN);
    region->mapped[page] = CAP_NULL;
    if (!batch_lives(region, index, 0, 0)) {
        batch_free(&region->batches[index]);
    }
    return ERR_OK;
}

err_t region_memory_unmap(struct region *region, uint64_t first, uint64_t end) {
    for (uint64_t page = first; region->batches != NULL && page < end; page++) {
        if ((region->mapped[page] & PAGE_OWN) != 0) {
            TRY(page_unmap(region, page, first, end));
        }
    }
    return ERR_OK;
}

void region_memory_release(struct region *region) {
    for (uint64_t i = 0; region->batches != NULL && i < batch_count(region); i++) {
        batch_free(&region->batches[i]);
    }
}
