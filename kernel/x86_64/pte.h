/*
 * Page-table entries of 4-level paging. [SDM3 4.5]
 *
 * The same code builds kernel and user entries; it is pure arithmetic and compiles for the host tests too.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <abi/abi.h>

#define PTE_PRESENT (1ULL << 0)
#define PTE_WRITE (1ULL << 1)
#define PTE_USER (1ULL << 2)
#define PTE_WRITE_THROUGH (1ULL << 3)
#define PTE_CACHE_DISABLE (1ULL << 4)
#define PTE_LARGE (1ULL << 7)
#define PTE_GLOBAL (1ULL << 8)
#define PTE_HEAD (1ULL << 9) /* ours: the first entry of a mapping's run */
#define PTE_NO_EXECUTE (1ULL << 63)
#define PTE_ADDRESS 0x000ffffffffff000ULL

#define PTE_ENTRIES 512

/* An entry that points to the next lower table; rights are decided by the leaves. */
static inline uint64_t pte_table(paddr_t table) {
    return table | PTE_PRESENT | PTE_WRITE | PTE_USER;
}

/* A user leaf at `level` (1: 4 KiB, 2: 2 MiB, 3: 1 GiB) with the contract's MAP_* flags. */
static inline uint64_t pte_page(paddr_t page, unsigned level, uint32_t flags) {
    return page | PTE_PRESENT | PTE_USER | (flags & MAP_WRITE ? PTE_WRITE : 0) |
           (flags & MAP_EXECUTE ? 0 : PTE_NO_EXECUTE) |
           (flags & MAP_UNCACHED ? PTE_CACHE_DISABLE | PTE_WRITE_THROUGH : 0) | (level > 1 ? PTE_LARGE : 0);
}

static inline bool pte_present(uint64_t entry) {
    return (entry & PTE_PRESENT) != 0;
}

static inline paddr_t pte_addr(uint64_t entry) {
    return entry & PTE_ADDRESS;
}

/* Index of a virtual address in the table of a level (4 is the top). */
static inline unsigned pte_index(vaddr_t addr, unsigned level) {
    return (addr >> (12 + 9 * (level - 1))) & (PTE_ENTRIES - 1);
}
