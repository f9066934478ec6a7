/* Addresses are handed out upwards from USER_DYNAMIC_BASE with an unmapped page between any two mappings; the
   addresses of undone ones are used again for requests of the same size. Page tables are made when first needed and
   stay. The window is VSPACE_GIB long, so one level-3 table serves it. */
#include <abi/stubs.h>
#include <skerry/held.h>
#include <skerry/ram.h>
#include <skerry/slots.h>

#include "lib/cpuid.h"
#include "lib/fibre_internal.h"
#include "lib/vspace_internal.h"

#define VSPACE_GIB 8
#define TABLE_ENTRIES 512
#define LEVEL1_SPAN (PAGE_SIZE * TABLE_ENTRIES)
#define LEVEL2_SPAN (LEVEL1_SPAN * TABLE_ENTRIES)
#define LEVEL3_SPAN (LEVEL2_SPAN * TABLE_ENTRIES)
#define FREE_RANGES 64

struct range {
    uint64_t offset;
    uint64_t size;
    enum page_size page; /* that its page tables are for */
};

static capaddr_t level3;
static capaddr_t level2[VSPACE_GIB];
static capaddr_t level1[VSPACE_GIB * TABLE_ENTRIES];
static uint64_t next_offset = PAGE_SIZE;
static struct range free_ranges[FREE_RANGES];
static unsigned free_count;

/* Makes the table below `above` unless there is one. */
static err_t table_need(capaddr_t above, uint64_t index, unsigned type, capaddr_t *table) {
    if (*table != CAP_NULL) {
        return ERR_OK;
    }
    capaddr_t made, mapping;
    struct ram_block block;
    TRY(slot_alloc(&mapping));
    err_t err = ram_make(type, VNODE_SIZE, &made, &block);
    if (err != ERR_OK) {
        slot_free(mapping);
        return err;
    }
    err = vnode_map(above, index, made, 0, 1, MAP_READ | MAP_WRITE | MAP_EXECUTE, slot_word(mapping));
    if (err != ERR_OK) {
        slot_free(mapping);
        slot_release(made);
        ram_free(&block);
        return err;
    }
    *table = made;
    held_for_good(2, VNODE_SIZE);
    return ERR_OK;
}

static err_t table_make(uint64_t offset, enum page_size page, capaddr_t *table) {
    uint64_t gib = offset / LEVEL2_SPAN;
    uint64_t chunk = offset / LEVEL1_SPAN;
    TRY(table_need(CAP_VSPACE, USER_DYNAMIC_BASE / LEVEL3_SPAN, CAP_TYPE_VNODE_L3, &level3));
    if (page == PAGE_1G) {
        *table = level3;
        return ERR_OK;
    }
    TRY(table_need(level3, gib, CAP_TYPE_VNODE_L2, &level2[gib]));
    if (page == PAGE_2M) {
        *table = level2[gib];
        return ERR_OK;
    }
    TRY(table_need(level2[gib], chunk % TABLE_ENTRIES, CAP_TYPE_VNODE_L1, &level1[chunk]));
    *table = level1[chunk];
    return ERR_OK;
}

/* The table whose entries map pages of this size at `offset`. */
static err_t table_for(uint64_t offset, enum page_size page, capaddr_t *table) {
    capaddr_t known = level1[offset / LEVEL1_SPAN];
    if (page == PAGE_4K && known != CAP_NULL) {
        *table = known;
        return ERR_OK;
    }
    return table_make(offset, page, table);
}

static bool range_again(uint64_t size, enum page_size page, uint64_t *offset) {
    for (unsigned i = 0; i < free_count; i++) {
        if (free_ranges[i].size != size || free_ranges[i].page != page) {
            continue;
        }
        *offset = free_ranges[i].offset;
        free_ranges[i] = free_ranges[--free_count];
        return true;
    }
    return false;
}

/* A mapping that fits below one table does not cross into the next: it is one run then. Pages of 1 GiB need level-2 slots
   that have never held a table. */
static err_t range_take(uint64_t size, enum page_size page, uint64_t *offset) {
    uint64_t align = page_bytes(page);
    if (range_again(size, page, offset)) {
        return ERR_OK;
    }
    uint64_t at = ALIGN_UP(next_offset, align);
    if (at / LEVEL1_SPAN != (at + size - 1) / LEVEL1_SPAN) {
        at = ALIGN_UP(at, MAX(align, LEVEL1_SPAN));
    }
    if (size > VSPACE_GIB * LEVEL2_SPAN || at + size > VSPACE_GIB * LEVEL2_SPAN) {
        return ERR_NO_MEMORY;
    }
    next_offset = at + size + PAGE_SIZE;
    if (page == PAGE_1G) {
        next_offset = at + size + LEVEL2_SPAN;
    }
    *offset = at;
    return ERR_OK;
}

err_t vspace_take(uint64_t size, enum page_size page, vaddr_t *at) {
    uint64_t offset;
    if (size == 0 || size % page_bytes(page) != 0) {
        return ERR_ARGUMENT;
    }
    if (page == PAGE_1G && !cpuid_gigabyte_pages()) {
        return ERR_UNSUPPORTED;
    }
    ALLOCATING(at);
    TRY(range_take(size, page, &offset));
    *at = USER_DYNAMIC_BASE + offset;
    return ERR_OK;
}

void vspace_give(vaddr_t at, uint64_t size, enum page_size page) {
    ALLOCATING_QUIETLY();
    if (free_count < FREE_RANGES) {
        free_ranges[free_count++] = (struct range){at - USER_DYNAMIC_BASE, size, page};
    }
}

err_t vspace_map_run(const struct vspace_request *request, vaddr_t at, uint64_t *bytes, capaddr_t *run) {
    enum page_size page = page_of(request->flags);
    fibre_touch(bytes, sizeof(*bytes));
    ALLOCATING(run);
    uint64_t unit = page_bytes(page), span = unit * TABLE_ENTRIES;
    uint64_t size = MIN(request->size, span - at % span);
    unsigned flags = (request->flags & ~VSPACE_1G) | (page != PAGE_4K ? MAP_LARGE : 0);
    capaddr_t table, slot;
    TRY(table_for(at - USER_DYNAMIC_BASE, page, &table));
    TRY(slot_alloc(&slot));
    err_t err =
        vnode_map(table, at / unit % TABLE_ENTRIES, request->cap, request->offset, size / unit, flags, slot_word(slot));
    if (err != ERR_OK) {
        slot_free(slot);
        return err;
    }
    *run = slot;
    *bytes = size;
    return ERR_OK;
}

static err_t unmap_runs(const struct vspace_mapping *mapping) {
    for (uint32_t i = 0; i < mapping->runs; i++) {
        err_t err = cap_delete(mapping->run[i]);
        if (err != ERR_OK && err != ERR_CAP_EMPTY) { /* empty: whose memory it is has revoked it */
            return err;
        }
        slot_free(mapping->run[i]);
    }
    return ERR_OK;
}

static err_t map_at(const struct vspace_request *request, vaddr_t at, struct vspace_mapping *mapping) {
    struct vspace_mapping made = {.base = (void *)at, .size = request->size, .page = page_of(request->flags)};
    struct vspace_request rest = *request;
    for (uint64_t bytes; rest.size > 0; rest.offset += bytes, rest.size -= bytes) {
        capaddr_t run;
        err_t err = made.runs < VSPACE_RUNS || mapping == NULL ? ERR_OK : ERR_NO_MEMORY;
        if (err == ERR_OK) {
            err = vspace_map_run(&rest, at + (request->size - rest.size), &bytes, &run);
        }
        if (err != ERR_OK) {
            made.runs = MIN(made.runs, (uint32_t)VSPACE_RUNS);
            (void)unmap_runs(&made);
            return err;
        }
        if (made.runs < VSPACE_RUNS) {
            made.run[made.runs] = run;
        }
        made.runs++;
    }
    if (mapping != NULL) {
        *mapping = made;
    } else {
        held_for_good(made.runs, 0);
    }
    return ERR_OK;
}

err_t vspace_map(const struct vspace_request *request, void **at, struct vspace_mapping *mapping) {
    PINNED();
    vaddr_t base;
    TRY(vspace_take(request->size, page_of(request->flags), &base));
    err_t err = map_at(request, base, mapping);
    if (err != ERR_OK) {
        vspace_give(base, request->size, page_of(request->flags));
    } else {
        *at = (void *)base;
    }
    return err;
}

err_t vspace_unmap(struct vspace_mapping *mapping) {
    PINNED();
    TRY(unmap_runs(mapping));
    vspace_give((vaddr_t)mapping->base, mapping->size, mapping->page);
    mapping->runs = 0;
    return ERR_OK;
}

err_t vspace_protect(const struct vspace_mapping *mapping, unsigned flags) {
    for (uint32_t i = 0; i < mapping->runs; i++) {
        TRY(mapping_protect(mapping->run[i], flags));
    }
    return ERR_OK;
}

err_t vspace_pages(uint64_t size, void **at) {
    PINNED();
    struct vspace_request request = {.size = ALIGN_UP(size, PAGE_SIZE), .flags = MAP_READ | MAP_WRITE};
    struct ram_block block;
    TRY(ram_make(CAP_TYPE_FRAME, request.size, &request.cap, &block));
    err_t err = vspace_map(&request, at, NULL);
    if (err != ERR_OK) {
        slot_release(request.cap);
        ram_free(&block);
        return err;
    }
    held_for_good(1, (int64_t)request.size);
    return ERR_OK;
}
