/*
 * Physical memory as this core sees it.
 *
 * Only the core's pool has addresses: its chunks appear in the direct map, and kernel objects are made of nothing
 * else. All other memory is frames, which the CPU driver names but does not touch; the one exception is
 * mem_zero_page(), which borrows a one-page window.
 */
#pragma once

#include "core/base.h"

/* True if [base, base + size) lies in the pool. */
bool mem_in_pool(paddr_t base, uint64_t size);

/* True if any of it does. */
bool mem_in_pool_any(paddr_t base, uint64_t size);

/* Pointer to pool memory, and back. Other memory has no pointer. */
void *mem_direct(paddr_t addr);
paddr_t mem_paddr(const void *pointer);

/* Add whole chunks to the pool. ERR_RETYPE_RANGE if not chunks, ERR_NO_MEMORY if the direct map has no table left. */
[[nodiscard]] err_t mem_pool_add(paddr_t base, uint64_t size);

/* Bytes in the pool. */
uint64_t mem_pool_size(void);

/* Zero one page, of the pool or not. */
void mem_zero_page(paddr_t page);

/* Map one page of any memory in the one-page window until the next call; only for boot data. */
void *mem_window(paddr_t page);

/* Fill in the kernel's half of a new level-4 table. */
void paging_kernel_half(uint64_t *table);

/* Drop the translations of the current address space, after entries were removed or narrowed. */
void paging_flush(void);

/* True if the CPU has 1 GiB pages. */
bool mem_gigabyte_pages(void);
