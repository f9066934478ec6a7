/* This domain's address space from USER_DYNAMIC_BASE on: maps frames and device memory at free addresses and makes
   the page tables that this takes. Between any two mappings a page stays unmapped. Nothing is writable and executable at
   once. Parts that are mapped, protected and unmapped by the page, or when they are touched: region.h. */
#ifndef SKERRY_VSPACE_H
#define SKERRY_VSPACE_H

#include <skerry/base.h>

#define VSPACE_RUNS 8

enum page_size { PAGE_4K, PAGE_2M, PAGE_1G };

/* A mapping that can be undone: one mapping capability for each page table that it crosses. */
struct vspace_mapping {
    void *base;
    uint64_t size;
    enum page_size page;
    uint32_t runs;
    capaddr_t run[VSPACE_RUNS];
};

struct vspace_request {
    capaddr_t cap;   /* frame or device */
    uint64_t offset; /* bytes into it, whole pages */
    uint64_t size;   /* bytes, whole pages */
    unsigned flags;  /* MAP_READ, MAP_WRITE, MAP_EXECUTE, MAP_UNCACHED; VSPACE_2M, VSPACE_1G */
};

/* Pages of another size; the memory, the offset and the size must be aligned to it. UNSUPPORTED: not on this CPU. */
#define VSPACE_2M MAP_LARGE
#define VSPACE_1G 0x80000000u

static inline enum page_size page_of(unsigned flags) {
    return (flags & VSPACE_1G) != 0 ? PAGE_1G : (flags & VSPACE_2M) != 0 ? PAGE_2M : PAGE_4K;
}

static inline uint64_t page_bytes(enum page_size page) {
    return PAGE_SIZE << 9 * (unsigned)page;
}

/* `mapping` keeps what vspace_unmap needs; NULL maps for good. */
[[nodiscard]] err_t vspace_map(const struct vspace_request *request, void **at, struct vspace_mapping *mapping);
[[nodiscard]] err_t vspace_unmap(struct vspace_mapping *mapping);

/* Other flags, within the rights that it was made with. */
[[nodiscard]] err_t vspace_protect(const struct vspace_mapping *mapping, unsigned flags);

/* Zeroed, writable pages for good, with an unmapped page below them. */
[[nodiscard]] err_t vspace_pages(uint64_t size, void **at);

#endif
