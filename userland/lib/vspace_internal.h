/* What vspace.c and region.c share: addresses and page tables. */
#ifndef LIB_VSPACE_INTERNAL_H
#define LIB_VSPACE_INTERNAL_H

#include <skerry/vspace.h>

/* Free addresses with an unmapped page on either side. */
[[nodiscard]] err_t vspace_take(uint64_t size, enum page_size page, vaddr_t *at);
void vspace_give(vaddr_t at, uint64_t size, enum page_size page);

/* Maps as much of a request as one page table takes, from its byte `done` on, to the address `at`; says how much and where
   the mapping's capability is. */
[[nodiscard]] err_t vspace_map_run(const struct vspace_request *request, vaddr_t at, uint64_t *bytes, capaddr_t *run);

#endif
