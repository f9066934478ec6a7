/*
 * This core's own half of the address space, built from the boot data and never shared.
 *
 * Window: the image, page by page with its rights, stacks above unmapped guard pages. Device window: the local APIC
 * and the one-page window. Direct map: the pool's chunks and nothing else, so a wild store cannot reach another core.
 * All tables are statics of the image except the level-4 tables, which are the domains'. [SDM3 4.5]
 */
#include "x86_64/paging.h"

#include "core/mem.h"
#include "core/plan.h"
#include "x86_64/entry.h"
#include "x86_64/insn.h"
#include "x86_64/pte.h"

#define KERNEL_HALF (PTE_ENTRIES / 2)
#define DIRECT_GIB 16 /* different GiB of physical memory that a pool may lie in */
#define GIB (1ULL << 30)
#define DIRECT_TOP (PTE_ENTRIES * GIB) /* the direct map is one level-3 table */

typedef uint64_t table_t[PTE_ENTRIES] __attribute__((aligned(PAGE_SIZE)));

static table_t kernel_l4, window_l3, window_l2, image_l1, device_l1, direct_l3, direct_l2[DIRECT_GIB];
static table_t park_l3, park_l2;
static unsigned direct_l2_used;
static paddr_t image_base;
static uint64_t pool_bytes;

/* Physical address of something in the image. */
static paddr_t image_paddr(const void *p) {
    return (vaddr_t)p - KERNEL_WINDOW + image_base;
}

static uint64_t kernel_leaf(paddr_t page, uint64_t flags) {
    return page | PTE_PRESENT | PTE_GLOBAL | flags;
}

static void image_map(const char *start, const char *end, uint64_t flags) {
    for (const char *p = start; p < end; p += PAGE_SIZE) {
        image_l1[pte_index((vaddr_t)p, 1)] = kernel_leaf(image_paddr(p), flags);
    }
}

static void image_guard(const char *page) {
    image_l1[pte_index((vaddr_t)page, 1)] = 0;
}

static void window_build(void) {
    image_map(__text_start, __text_end, 0);
    image_map(__rodata_start, __rodata_end, PTE_NO_EXECUTE);
    image_map(__data_start, __data_end, PTE_NO_EXECUTE | PTE_WRITE);
    image_guard(kernel_stacks.guard_kernel);
    image_guard(kernel_stacks.guard_double_fault);
    image_guard(kernel_stacks.guard_nmi);
    image_guard(kernel_stacks.guard_machine_check);
    uint64_t link = PTE_PRESENT | PTE_WRITE;
    window_l2[pte_index(KERNEL_WINDOW, 2)] = image_paddr(image_l1) | link;
    window_l2[pte_index(KERNEL_DEVICE_WINDOW, 2)] = image_paddr(device_l1) | link;
    window_l3[pte_index(KERNEL_WINDOW, 3)] = image_paddr(window_l2) | link;
    kernel_l4[pte_index(KERNEL_WINDOW, 4)] = image_paddr(window_l3) | link;
    kernel_l4[pte_index(KERNEL_DIRECT_MAP, 4)] = image_paddr(direct_l3) | link;
}

/* At its physical address, in the half that is user space's under all other tables. */
static void park_map(const struct paging_places *places) {
    uint64_t link = PTE_PRESENT | PTE_WRITE;
    park_l2[pte_index(places->park, 2)] = places->park_table | link;
    park_l3[pte_index(places->park, 3)] = image_paddr(park_l2) | link;
    kernel_l4[0] = image_paddr(park_l3) | link;
}

void paging_init(const struct paging_places *places) {
    image_base = places->image;
    window_build();
    park_map(places);
    device_l1[0] = kernel_leaf(places->apic, PTE_WRITE | PTE_NO_EXECUTE | PTE_CACHE_DISABLE | PTE_WRITE_THROUGH);
    paging_leave_user();
}

void paging_leave_user(void) {
    x86_write_cr3(image_paddr(kernel_l4));
}

void paging_kernel_half(uint64_t *table) {
    memcpy(table + KERNEL_HALF, kernel_l4 + KERNEL_HALF, KERNEL_HALF * sizeof *table);
}

void paging_flush(void) {
    x86_write_cr3(x86_read_cr3());
}

/* The direct map's level-2 table for a GiB, made when first needed. */
static uint64_t *direct_table(paddr_t addr) {
    uint64_t *entry = &direct_l3[pte_index(addr, 3)];
    if (!pte_present(*entry)) {
        if (direct_l2_used == DIRECT_GIB) {
            return NULL;
        }
        *entry = image_paddr(direct_l2[direct_l2_used++]) | PTE_PRESENT | PTE_WRITE;
    }
    return (uint64_t *)(pte_addr(*entry) - image_base + KERNEL_WINDOW);
}

err_t mem_pool_add(paddr_t base, uint64_t size) {
    if (size == 0 || !IS_ALIGNED(base | size, CHUNK_SIZE) || base >= DIRECT_TOP || size > DIRECT_TOP - base) {
        return ERR_RETYPE_RANGE;
    }
    for (paddr_t chunk = base; chunk < base + size; chunk += CHUNK_SIZE) {
        if (direct_table(chunk) == NULL) {
            return ERR_NO_MEMORY; /* tables made so far stay, empty */
        }
    }
    for (paddr_t chunk = base; chunk < base + size; chunk += CHUNK_SIZE) {
        direct_table(chunk)[pte_index(chunk, 2)] = kernel_leaf(chunk, PTE_WRITE | PTE_NO_EXECUTE | PTE_LARGE);
    }
    pool_bytes += size;
    return ERR_OK;
}

uint64_t mem_pool_size(void) {
    return pool_bytes;
}

static bool chunk_in_pool(paddr_t chunk) {
    uint64_t l3 = direct_l3[pte_index(chunk, 3)];
    if (!pte_present(l3)) {
        return false;
    }
    const uint64_t *table = (const uint64_t *)(pte_addr(l3) - image_base + KERNEL_WINDOW);
    return pte_present(table[pte_index(chunk, 2)]);
}

static bool range_in_reach(paddr_t base, uint64_t size) {
    return size != 0 && base < DIRECT_TOP && size <= DIRECT_TOP - base;
}

bool mem_in_pool(paddr_t base, uint64_t size) {
    if (!range_in_reach(base, size)) {
        return false;
    }
    for (paddr_t chunk = ALIGN_DOWN(base, CHUNK_SIZE); chunk < base + size; chunk += CHUNK_SIZE) {
        if (!chunk_in_pool(chunk)) {
            return false;
        }
    }
    return true;
}

/* Looks at every chunk of the range, or at every entry of the direct map's tables when that is less. */
bool mem_in_pool_any(paddr_t base, uint64_t size) {
    paddr_t end = size < DIRECT_TOP - MIN(base, DIRECT_TOP) ? base + size : DIRECT_TOP;
    for (paddr_t chunk = ALIGN_DOWN(base, CHUNK_SIZE); chunk < end; chunk += CHUNK_SIZE) {
        if (!pte_present(direct_l3[pte_index(chunk, 3)])) {
            chunk = ALIGN_DOWN(chunk, GIB) + GIB - CHUNK_SIZE;
        } else if (chunk_in_pool(chunk)) {
            return true;
        }
    }
    return false;
}

void *mem_direct(paddr_t addr) {
    return (void *)(addr + KERNEL_DIRECT_MAP);
}

paddr_t mem_paddr(const void *pointer) {
    return (vaddr_t)pointer - KERNEL_DIRECT_MAP;
}

void *mem_window(paddr_t page) {
    void *window = (void *)(KERNEL_DEVICE_WINDOW + PAGE_SIZE);
    device_l1[1] = kernel_leaf(page, PTE_WRITE | PTE_NO_EXECUTE);
    x86_invlpg(window);
    return window;
}

void mem_zero_page(paddr_t page) {
    uint64_t *words = mem_in_pool(page, PAGE_SIZE) ? mem_direct(page) : mem_window(page);
    uint64_t count = PAGE_SIZE / sizeof *words;
    __asm__ volatile("rep stosq" : "+D"(words), "+c"(count) : "a"(0) : "memory");
}
