/* What the files behind region.h share. */
#ifndef LIB_REGION_INTERNAL_H
#define LIB_REGION_INTERNAL_H

#include <skerry/ram.h>
#include <skerry/region.h>

#define PAGE_OWN 0x80000000u /* the page is of the region's own memory */

/* Some pages of a region's own memory, one behind the other: one frame. */
struct batch {
    capaddr_t frame; /* CAP_NULL: none of them is mapped */
    struct ram_block block;
};

struct region {
    vaddr_t base;
    uint64_t size;
    uint64_t unit; /* bytes of a page */
    struct region_request request;
    capaddr_t *mapped;     /* for each page its mapping's capability, perhaps with PAGE_OWN; CAP_NULL: not mapped */
    struct batch *batches; /* own memory; NULL before there is any */
    uint64_t batch_pages;
};

/* The region that this address lies in; NULL: none. */
struct region *region_find(vaddr_t address);

/* Reserves a region for good at a place outside of what vspace.c hands out. */
[[nodiscard]] err_t region_place(const struct region_request *request, vaddr_t base);

/* Flags for mapping pages of the region's size. */
unsigned region_page_flags(const struct region *region, unsigned flags);

/* Maps a page from a source. */
[[nodiscard]] err_t region_map_page(struct region *region, uint64_t page, const struct vspace_request *source);

/* region_memory.c: once, before the others. */
[[nodiscard]] err_t region_memory_prepare(struct region *region);

/* The frame of a page of own memory, and the place in it; its contents are zero if the page is not mapped. */
[[nodiscard]] err_t region_memory(struct region *region, uint64_t page, struct vspace_request *source);
[[nodiscard]] err_t region_memory_map(struct region *region, uint64_t page);

/* Unmaps pages of own memory, and gives back what is not needed any more. */
[[nodiscard]] err_t region_memory_unmap(struct region *region, uint64_t first, uint64_t end);
void region_memory_release(struct region *region);

/* region_fault.c, for side.c: OK, CONTINUE, or why the faulter ends. */
[[nodiscard]] err_t region_quick(struct region_fault *fault);
[[nodiscard]] err_t region_serve(struct region_fault *fault);

#endif
