/*
 * RAM: untyped memory, and its zeroing.
 *
 * Progress is kept in the capability: page offset << 32 | pages zeroed from there on. It holds until something is
 * made of this capability's memory. No other capability can touch the memory meanwhile: RAM has no copies, whatever
 * is inside makes the range busy, and to an ancestor this capability itself makes it busy.
 */
#include "cap/ram.h"

#include "core/mem.h"

bool ram_zero_step(struct cap *ram, uint64_t offset, uint64_t size) {
    uint64_t first = offset / PAGE_SIZE, pages = size / PAGE_SIZE;
    uint64_t done = ram->extra >> 32 == first ? ram->extra & UINT32_MAX : 0;
    for (unsigned step = 0; done < pages && step < CAP_ZERO_PAGES; step++) {
        mem_zero_page(ram->base + (first + done++) * PAGE_SIZE);
    }
    ram->extra = first << 32 | done;
    return done >= pages;
}

void ram_zero_forget(struct cap *ram) {
    ram->extra = 0;
}
