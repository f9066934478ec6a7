/*
 * The monitor's domain. Its kernel objects come from the front of the first pool; the rest of the pool and everything
 * else that the boot data names becomes capabilities, and from then on all memory moves by capability.
 *
 * Address space: the segments at their addresses, a stack, the dispatcher frame and the boot data page, all in level-4
 * slot 0. No capabilities exist for those tables and mappings: they last as long as the core.
 */
#include "core/bootstrap.h"

#include "cap/cspace.h"
#include "core/dispatcher.h"
#include "core/log.h"
#include "core/mem.h"
#include "core/panic.h"
#include "core/plan.h"
#include "core/ranges.h"
#include "core/schedule.h"
#include "core/trace.h"
#include "x86_64/apic.h"
#include "x86_64/pte.h"

#define STACK_PAGES 16

/* What is being built. */
/* Used often, and only at the start: size counts, time does not. */
#define ONCE [[gnu::noinline]]

static struct {
    paddr_t cursor, end; /* unused part of the first pool */
    uint64_t *l4;
    struct cte *root, *task, *memory;
    unsigned memory_used;
} made;

static paddr_t page_take(void) {
    if (made.cursor == made.end) {
        panic("the first pool, 0x%lx bytes, is too small for the monitor", mem_pool_size());
    }
    paddr_t page = made.cursor;
    made.cursor += PAGE_SIZE;
    mem_zero_page(page);
    return page;
}

/* The table that entry `index` of `table` leads to, made if absent. */
static uint64_t *table_next(uint64_t *table, unsigned index) {
    if (!pte_present(table[index])) {
        table[index] = pte_table(page_take());
    }
    return mem_direct(pte_addr(table[index]));
}

ONCE static void page_map(vaddr_t vaddr, paddr_t page, uint32_t flags) {
    uint64_t *table = made.l4;
    for (unsigned level = 4; level > 1; level--) {
        table = table_next(table, pte_index(vaddr, level));
    }
    table[pte_index(vaddr, 1)] = pte_page(page, 1, flags);
}

static uint32_t segment_map_flags(uint32_t flags) {
    return (flags & SEGMENT_FLAG_READ ? MAP_READ : 0) | (flags & SEGMENT_FLAG_WRITE ? MAP_WRITE : 0) |
           (flags & SEGMENT_FLAG_EXECUTE ? MAP_EXECUTE : 0);
}

static void segments_map(const struct boot_data *boot) {
    for (unsigned i = 0; i < boot->segment_count; i++) {
        const struct boot_segment *s = &boot->segments[i];
        for (uint64_t offset = 0; offset < s->size; offset += PAGE_SIZE) {
            page_map(s->vaddr + offset, s->paddr + offset, segment_map_flags(s->flags));
        }
    }
}

/* Pages in a row from `vaddr` on; the first. */
static paddr_t pages_map(vaddr_t vaddr, unsigned count, uint32_t flags) {
    paddr_t first = made.cursor;
    for (unsigned i = 0; i < count; i++) {
        (void)page_take();
    }
    for (unsigned i = 0; i < count; i++) {
        page_map(vaddr + i * PAGE_SIZE, first + i * PAGE_SIZE, flags);
    }
    return first;
}

static void stack_map(void) {
    pages_map(USER_STACK_TOP - STACK_PAGES * PAGE_SIZE, STACK_PAGES, MAP_READ | MAP_WRITE);
}

/* The monitor's trace ring, as any dispatcher's, and the one that it reads. */
static void trace_map(void) {
    unsigned pages = MIN(core_plan.trace_bytes, (uint32_t)(TRACE_CORE_TOP - USER_CORE_TRACE_VADDR)) / PAGE_SIZE;
    pages_map(USER_TRACE_VADDR, TRACE_RING_SIZE / PAGE_SIZE, MAP_READ | MAP_WRITE);
    trace_init(pages_map(USER_CORE_TRACE_VADDR, pages, MAP_READ), pages * PAGE_SIZE);
}

/* An own capability, all rights, in a slot of the task CNode. */
ONCE static void task_cap(unsigned slot, unsigned type, uint64_t base, uint64_t size) {
    struct cap cap = cap_make(type, base, size);
    cap_create(&made.task[slot], &cap);
}

/* The next capability of the memory CNode. */
ONCE static void memory_cap(unsigned type, paddr_t base, uint64_t size) {
    if (size == 0) {
        return;
    }
    if (made.memory_used == 1U << CNODE_SLOTS_BITS) {
        log_line("cpu: no slot left for memory at 0x%lx + 0x%lx: not usable", base, size);
        return;
    }
    struct cap cap = cap_make(type, base, size);
    cap_create(&made.memory[made.memory_used++], &cap);
}

static void cspace_build(void) {
    paddr_t root = page_take(), task = page_take(), memory = page_take();
    made.root = mem_direct(root);
    made.task = mem_direct(task);
    made.memory = mem_direct(memory);
    task_cap(CAP_ROOT_CNODE, CAP_TYPE_CNODE, root, PAGE_SIZE);
    task_cap(CAP_TASK_CNODE, CAP_TYPE_CNODE, task, PAGE_SIZE);
    cap_copy(&made.root[ROOT_SLOT_TASK], &made.task[CAP_TASK_CNODE]);
    struct cap cnode = cap_make(CAP_TYPE_CNODE, memory, PAGE_SIZE);
    cap_create(&made.root[ROOT_SLOT_MEMORY], &cnode);
}

/* Read-only or shared memory that another core may own. */
ONCE static void frame_cap(unsigned slot, paddr_t base, uint64_t size, uint8_t rights, coreid_t owner) {
    struct cap cap = cap_make(CAP_TYPE_FRAME, base, ALIGN_UP(size, PAGE_SIZE));
    cap.rights = rights;
    cap.owner = (uint16_t)owner;
    cap_create(&made.task[slot], &cap);
}

static void authority_give(const struct boot_data *boot) {
    bool first = boot->starter == boot->core;
    task_cap(CAP_KERNEL, CAP_TYPE_KERNEL, 0, 1);
    task_cap(CAP_IRQ, CAP_TYPE_IRQ, VECTOR_USER_FIRST, VECTOR_USER_LAST - VECTOR_USER_FIRST + 1);
    task_cap(CAP_CORES, CAP_TYPE_CORE, 0, MAX_CORES);
    task_cap(CAP_IOPORT, CAP_TYPE_IOPORT, first ? 0 : core_plan.log_port, first ? 0x10000 : 1);
    task_cap(CAP_TRACE_PORT, CAP_TYPE_IOPORT, PORT_TRACE_BASE + boot->core, 1);
    frame_cap(CAP_BOOT_DATA, boot->self, PAGE_SIZE, RIGHT_READ | RIGHT_GRANT, boot->core);
    if (boot->archive_size != 0) {
        frame_cap(CAP_ARCHIVE, boot->archive_base, boot->archive_size, RIGHT_READ | RIGHT_GRANT, 0);
    }
    if (boot->channel_base != 0) {
        frame_cap(CAP_CHANNEL, boot->channel_base, boot->channel_size, RIGHT_ALL & ~RIGHT_EXECUTE, boot->starter);
    }
}

static void ram_give(const struct boot_data *boot) {
    memory_cap(CAP_TYPE_RAM, made.cursor, made.end - made.cursor);
    for (unsigned i = 1; i < boot->pool_count; i++) {
        memory_cap(CAP_TYPE_RAM, boot->pools[i].base, boot->pools[i].size);
    }
    memory_cap(CAP_TYPE_RAM, boot->free_base, boot->free_size);
    for (unsigned i = 0; i < boot->region_count; i++) {
        if (boot->regions[i].type == REGION_TYPE_RAM) {
            memory_cap(CAP_TYPE_RAM, boot->regions[i].base, boot->regions[i].size);
        }
    }
}

/* Everything below 4 GiB that is neither RAM, nor ours, nor the archive, is devices' and firmware's; above, what the
 * memory map reserves. Core 0's monitor gets it all, except the local APIC. */
static void devices_give(const struct boot_data *boot) {
    struct ranges taken = {.count = 0};
    ranges_add(&taken, boot->image_base, IMAGE_REGION_SIZE);
    ranges_add(&taken, apic_base(), PAGE_SIZE);
    for (unsigned i = 0; i < boot->pool_count; i++) {
        ranges_add(&taken, boot->pools[i].base, boot->pools[i].size);
    }
    for (unsigned i = 0; i < boot->region_count; i++) {
        const struct boot_region *r = &boot->regions[i];
        if (r->type == REGION_TYPE_RAM || r->type == REGION_TYPE_ARCHIVE) {
            ranges_add(&taken, r->base, r->size);
        } else if (r->base >= BOOTSTRAP_TOP) {
            memory_cap(CAP_TYPE_DEVICE, r->base, r->size);
        }
    }
    paddr_t from = 0, base;
    uint64_t size;
    while (ranges_gap(&taken, from, BOOTSTRAP_TOP, &base, &size)) {
        memory_cap(CAP_TYPE_DEVICE, base, size);
        from = base + size;
    }
}

static struct dispatcher *dispatcher_build(const struct boot_data *boot, paddr_t object, paddr_t l4) {
    paddr_t frame = page_take();
    task_cap(CAP_DISPATCHER, CAP_TYPE_DISPATCHER, object, DISPATCHER_SIZE);
    task_cap(CAP_VSPACE, CAP_TYPE_VNODE_L4, l4, VNODE_SIZE);
    task_cap(CAP_FRAME, CAP_TYPE_FRAME, frame, PAGE_SIZE);
    page_map(USER_FRAME_VADDR, frame, MAP_READ | MAP_WRITE);
    page_map(USER_BOOT_DATA_VADDR, boot->self, MAP_READ);
    struct dispatcher *d = mem_direct(object);
    cap_keep(&d->slots[SLOT_CSPACE], &made.task[CAP_ROOT_CNODE]);
    cap_keep(&d->slots[SLOT_VSPACE], &made.task[CAP_VSPACE]);
    cap_keep(&d->slots[SLOT_FRAME], &made.task[CAP_FRAME]);
    dispatcher_attach(d, USER_FRAME_VADDR);
    d->frame->entry_run = boot->monitor_entry;
    d->frame->disabled = 1;
    memcpy(d->name, "monitor", sizeof "monitor");
    dispatcher_watch_by(d);
    return d;
}

void bootstrap_monitor(const struct boot_data *boot) {
    cap_init(boot->core);
    made.cursor = boot->pools[0].base;
    made.end = made.cursor + boot->pools[0].size;
    cspace_build();
    paddr_t object = page_take(), l4 = page_take();
    made.l4 = mem_direct(l4);
    paging_kernel_half(made.l4);
    segments_map(boot);
    stack_map();
    trace_map();
    struct dispatcher *monitor = dispatcher_build(boot, object, l4);
    authority_give(boot);
    ram_give(boot);
    if (boot->starter == boot->core) {
        devices_give(boot);
    }
    err_t err = schedule_start(monitor, NULL);
    KASSERT(err == ERR_OK);
    schedule_prefer(monitor);
}
