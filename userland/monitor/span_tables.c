/* One table of levels 3 and 2, and one of level 1 for each 2 MiB, all made when the domain joins. */
#include "monitor/span_tables.h"

#include <abi/stubs.h>
#include <skerry/slots.h>

#include "monitor/memory.h"

#define ENTRIES 512
#define LEVEL3_SPAN (PAGE_SIZE * ENTRIES * ENTRIES * ENTRIES)

_Static_assert(SPAN_PAGES % ENTRIES == 0 && SPAN_LEVEL1 <= ENTRIES, "whole tables of level 1, below one of level 2");
_Static_assert(USER_SPAN_BASE % LEVEL3_SPAN == 0, "a slot of the top table is the span's alone");

static err_t table_make(struct span_table *made, capaddr_t above, uint64_t index, unsigned type) {
    struct ram_request request = {.size = VNODE_SIZE, .properties = RAM_POOL};
    TRY(slot_alloc(&made->mapping));
    TRY(memory_alloc(&request, &made->block));
    TRY(ram_retype(&made->block, type, &made->table));
    return vnode_map(above, index, made->table, 0, 1, MAP_READ | MAP_WRITE | MAP_EXECUTE, slot_word(made->mapping));
}

static void table_free(struct span_table *table) {
    if (table->mapping != CAP_NULL) {
        slot_release(table->mapping);
    }
    if (table->table != CAP_NULL) {
        slot_release(table->table);
    }
    if (table->block.size > 0) {
        ram_free(&table->block);
    }
    *table = (struct span_table){};
}

err_t span_tables_make(struct span_tables *tables, capaddr_t vspace) {
    TRY(table_make(&tables->level3, vspace, USER_SPAN_BASE / LEVEL3_SPAN, CAP_TYPE_VNODE_L3));
    TRY(table_make(&tables->level2, tables->level3.table, 0, CAP_TYPE_VNODE_L2));
    for (unsigned i = 0; i < SPAN_LEVEL1; i++) {
        TRY(table_make(&tables->level1[i], tables->level2.table, i, CAP_TYPE_VNODE_L1));
    }
    return ERR_OK;
}

void span_tables_free(struct span_tables *tables) {
    for (uint64_t page = 0; page < SPAN_PAGES; page++) {
        span_tables_drop(tables, page);
    }
    for (unsigned i = 0; i < SPAN_LEVEL1; i++) {
        table_free(&tables->level1[i]);
    }
    table_free(&tables->level2);
    table_free(&tables->level3);
}

err_t span_tables_fill(struct span_tables *tables, uint64_t page, capaddr_t frame, uint64_t offset, uint64_t rights) {
    capaddr_t slot;
    TRY(slot_alloc(&slot));
    err_t err = vnode_map(tables->level1[page / ENTRIES].table, page % ENTRIES, frame, offset, 1, (unsigned)rights,
                          slot_word(slot));
    if (err != ERR_OK) {
        slot_free(slot);
        return err;
    }
    tables->page[page] = slot;
    return ERR_OK;
}

void span_tables_drop(struct span_tables *tables, uint64_t page) {
    if (tables->page[page] != CAP_NULL) {
        slot_release(tables->page[page]);
        tables->page[page] = CAP_NULL;
    }
}

bool span_tables_has(const struct span_tables *tables, uint64_t page, uint64_t rights) {
    return tables->page[page] != CAP_NULL && mapping_protect(tables->page[page], rights) == ERR_OK;
}
