/* Regions: parts of the address space that are mapped page by page, or when they are touched.
   Life: region_reserve takes addresses, with an unmapped page on either side; maps, page faults and supplies fill them;
   region_release empties them and gives everything back. What was mapped at once is protected and unmapped at once; a region
   with a pager is mapped by the page, whoever maps. Nothing is writable and executable at once: what is to be run is supplied,
   or mapped writable first and protected executable later.

   A page fault in a region goes to its pager:
     `quick` is called in the upcall: disabled, on a small stack, maybe with the faulter's FPU registers live. It is UPCALL_CODE,
     calls nothing of the library but this header, and does not wait. OK: the faulter goes on; CONTINUE: `serve` is called;
     anything else: the faulter ends.
     `serve` is called in the faulter's place, on another stack: it may wait, send, allocate, print. OK or the faulter ends.
   Others run meanwhile. Memory that the library itself was given to keep (stacks of fibres, structs of calls) may have a
   quick pager only. */
#ifndef SKERRY_REGION_H
#define SKERRY_REGION_H

#include <skerry/vspace.h>

struct region;

#define FAULT_PRESENT 1u /* the page is mapped, but not for this */
#define FAULT_WRITE 2u
#define FAULT_EXECUTE 16u

struct region_fault {
    vaddr_t address;
    vaddr_t rip;
    uint64_t offset; /* of the page in the region */
    uint32_t error;  /* FAULT_* */
};

struct pager {
    err_t (*quick)(struct region *region, const struct region_fault *fault); /* NULL: always `serve` */
    err_t (*serve)(struct region *region, const struct region_fault *fault); /* NULL: never asked */
};

/* For `quick`: no register beyond the general ones is touched. */
#define UPCALL_CODE __attribute__((target("general-regs-only")))

/* Zeroed memory of this domain's own, page by page. */
extern const struct pager pager_zero;

/* Parts of a frame; the region's context is a struct vspace_request whose flags do not count. */
extern const struct pager pager_frame;

struct region_request {
    uint64_t size;             /* whole pages */
    unsigned flags;            /* MAP_*: what pages are mapped with on a fault */
    enum page_size page;       /* of all its pages */
    const struct pager *pager; /* NULL: a fault ends the faulter */
    void *context;             /* the pager's */
};

[[nodiscard]] err_t region_reserve(const struct region_request *request, struct region **region);
void region_release(struct region *region);

void *region_base(const struct region *region);
uint64_t region_size(const struct region *region);
void *region_context(const struct region *region);
unsigned region_flags(const struct region *region);

/* Maps part of a frame at `offset`; the region says of what size pages are. */
[[nodiscard]] err_t region_map(struct region *region, uint64_t offset, const struct vspace_request *request);

/* Maps a page of this domain's own memory with these contents, zero-filled, with the region's flags. Does nothing where a
   page is mapped already. */
[[nodiscard]] err_t region_supply(struct region *region, uint64_t offset, const void *contents, uint64_t size);

/* Pages that are not mapped are left out; those that will be get the new flags if all of the region is named. */
[[nodiscard]] err_t region_protect(struct region *region, uint64_t offset, uint64_t size, unsigned flags);

/* Own memory is given back. A pager is asked again when a page is touched. */
[[nodiscard]] err_t region_unmap(struct region *region, uint64_t offset, uint64_t size);

#endif
