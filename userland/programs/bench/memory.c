/* One page, mapped and unmapped through its own tables, and touched where it is not mapped. */
#include "programs/bench/memory.h"

#include <abi/stubs.h>
#include <skerry/dispatcher.h>
#include <skerry/ram.h>
#include <skerry/slots.h>

#include "programs/bench/raw.h"

#define L4_INDEX 2 /* libskerry's vspace is in slot 1 */
#define L1_INDEX 7
#define L4_SPAN (PAGE_SIZE << 27)
#define PAGE_VADDR (L4_INDEX * L4_SPAN + L1_INDEX * PAGE_SIZE)

static capaddr_t table; /* level 1; CAP_NULL: nothing is prepared */
static capaddr_t frame, mapping;
static vaddr_t own_entry_page_fault;
static bool fault_maps;

static err_t table_make(capaddr_t above, uint64_t index, unsigned type, capaddr_t *made) {
    capaddr_t slot;
    TRY(ram_make(type, VNODE_SIZE, made, NULL));
    TRY(slot_alloc(&slot));
    return vnode_map(above, index, *made, 0, 1, MAP_READ | MAP_WRITE | MAP_EXECUTE, slot_word(slot));
}

err_t memory_prepare(struct pair *pair) {
    (void)pair;
    if (table != CAP_NULL) {
        return ERR_OK;
    }
    capaddr_t level3, level2;
    TRY(ram_make(CAP_TYPE_FRAME, PAGE_SIZE, &frame, NULL));
    TRY(slot_alloc(&mapping));
    TRY(table_make(CAP_VSPACE, L4_INDEX, CAP_TYPE_VNODE_L3, &level3));
    TRY(table_make(level3, 0, CAP_TYPE_VNODE_L2, &level2));
    return table_make(level2, 0, CAP_TYPE_VNODE_L1, &table);
}

static inline err_t page_map(void) {
    return vnode_map(table, L1_INDEX, frame, 0, 1, MAP_READ | MAP_WRITE, slot_word(mapping));
}

err_t memory_map_measure(struct pair *pair, uint64_t *ticks) {
    (void)pair;
    uint64_t begin = stamp_begin();
    err_t err = page_map();
    *ticks = stamp_end() - begin;
    TRY(err);
    *(volatile char *)PAGE_VADDR = 1;
    return cap_delete(mapping);
}

err_t memory_unmap_measure(struct pair *pair, uint64_t *ticks) {
    (void)pair;
    TRY(page_map());
    *(volatile char *)PAGE_VADDR = 1;
    uint64_t begin = stamp_begin();
    err_t err = cap_delete(mapping);
    *ticks = stamp_end() - begin;
    return err;
}

/* On the fault stack, disabled. Anything else than the page in question faults again, which ends this domain. */
void fault_handle(volatile struct dispatcher_frame *f) {
    if (f->fault_address != PAGE_VADDR) {
        *(volatile char *)0 = 0;
    } else if (!fault_maps) {
        f->trap.rip = (vaddr_t)raw_touch_end;
    } else if (page_map() != ERR_OK) {
        *(volatile char *)0 = 0;
    }
}

static void faults_take(bool maps) {
    volatile struct dispatcher_frame *f = dispatcher_frame();
    if (own_entry_page_fault == 0) {
        own_entry_page_fault = f->entry_page_fault;
    }
    f->entry_page_fault = (vaddr_t)raw_entry_page_fault;
    fault_maps = maps;
}

/* The handler skips the instruction. */
err_t memory_fault_measure(struct pair *pair, uint64_t *ticks) {
    (void)pair;
    faults_take(false);
    uint64_t begin = stamp_begin();
    raw_touch((const volatile void *)PAGE_VADDR);
    *ticks = stamp_end() - begin;
    return ERR_OK;
}

/* The handler maps the page. */
err_t memory_fault_map_measure(struct pair *pair, uint64_t *ticks) {
    (void)pair;
    faults_take(true);
    uint64_t begin = stamp_begin();
    raw_touch((const volatile void *)PAGE_VADDR);
    *ticks = stamp_end() - begin;
    return cap_delete(mapping);
}

err_t memory_fault_finish(struct pair *pair) {
    (void)pair;
    dispatcher_frame()->entry_page_fault = own_entry_page_fault;
    return ERR_OK;
}
