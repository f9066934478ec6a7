/* From a page fault to the page: the library's own pagers, and the way to those of the program. */
#include <abi/stubs.h>
#include <skerry/string.h>

#include "lib/fibre_internal.h"
#include "lib/region_internal.h"

static err_t quick_zero(struct region *region, const struct region_fault *fault) {
    return (fault->error & FAULT_PRESENT) != 0 ? ERR_CAP_RIGHTS
                                               : region_memory_map(region, fault->offset / region->unit);
}

const struct pager pager_zero = {.quick = quick_zero};

static err_t quick_frame(struct region *region, const struct region_fault *fault) {
    struct vspace_request source = *(const struct vspace_request *)region->request.context;
    if ((fault->error & FAULT_PRESENT) != 0) {
        return ERR_CAP_RIGHTS;
    }
    source.offset += fault->offset;
    source.flags = region->request.flags;
    return region_map_page(region, fault->offset / region->unit, &source);
}

const struct pager pager_frame = {.quick = quick_frame};

static struct region *paged_region(struct region_fault *fault) {
    struct region *region = region_find(fault->address);
    if (region == NULL || region->request.pager == NULL) {
        return NULL;
    }
    fault->offset = (fault->address - region->base) & ~(region->unit - 1);
    return region;
}

err_t region_quick(struct region_fault *fault) {
    struct region *region = paged_region(fault);
    if (region == NULL) {
        return ERR_NOT_FOUND;
    }
    const struct pager *pager = region->request.pager;
    return pager->quick != NULL ? pager->quick(region, fault) : ERR_CONTINUE;
}

err_t region_serve(struct region_fault *fault) {
    struct region *region = paged_region(fault);
    if (region == NULL || region->request.pager->serve == NULL) {
        return ERR_NOT_FOUND;
    }
    return region->request.pager->serve(region, fault);
}

err_t region_supply(struct region *region, uint64_t offset, const void *contents, uint64_t size) {
    PINNED();
    uint64_t page = offset / region->unit;
    if (offset % region->unit != 0 || offset >= region->size || size > region->unit) {
        return ERR_ARGUMENT;
    }
    if (region->mapped[page] != CAP_NULL) {
        return ERR_OK;
    }
    struct vspace_request source;
    struct vspace_mapping window;
    void *at;
    TRY(region_memory_prepare(region));
    TRY(region_memory(region, page, &source));
    source.flags = region_page_flags(region, MAP_READ | MAP_WRITE);
    TRY(vspace_map(&source, &at, &window));
    memcpy(at, contents, size);
    TRY(vspace_unmap(&window));
    return region_memory_map(region, page);
}
