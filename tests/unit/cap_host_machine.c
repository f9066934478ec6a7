/*
 * The machine under kernel/cap on the host: physical memory, the hooks, and the few operations of other types that make
 * capabilities. cap_host.py writes stand-ins for the rest of the contract.
 */
#include <stdio.h>
#include <stdlib.h>

#include "cap/cspace.h"
#include "cap/ending.h"
#include "cap/invoke.h"
#include "cap/mdb.h"
#include "cap/mdb_key.h"
#include "cap_host.h"
#include "x86_64/pte.h"
#include "x86_64/startup.h"

struct machine machine;
static unsigned char *pool, *other;

[[gnu::noreturn]] void panic_assert(const char *condition, const char *file, unsigned line) {
    fprintf(stderr, "KASSERT(%s) at %s:%u\n", condition, file, line);
    abort();
}

static bool within(paddr_t addr, uint64_t size, paddr_t base, uint64_t limit) {
    return addr >= base && size <= limit && addr - base <= limit - size;
}

bool mem_in_pool(paddr_t base, uint64_t size) {
    return within(base, size, POOL_BASE, POOL_SIZE);
}

bool mem_in_pool_any(paddr_t base, uint64_t size) {
    return base < POOL_BASE + POOL_SIZE && POOL_BASE < base + size;
}

/* This core's pool stays as it is. */
err_t mem_pool_add(paddr_t base, uint64_t size) {
    (void)base, (void)size;
    return ERR_NO_MEMORY;
}

void *mem_direct(paddr_t addr) {
    if (!mem_in_pool(addr, 1)) {
        host_fail("the CPU driver reached outside its pool");
    }
    return pool + (addr - POOL_BASE);
}

paddr_t mem_paddr(const void *pointer) {
    return (paddr_t)((const unsigned char *)pointer - pool) + POOL_BASE;
}

uint64_t machine_slot_address(const struct cte *slot) {
    const unsigned char *byte = (const unsigned char *)slot;
    return byte >= pool && byte < pool + POOL_SIZE ? mem_paddr(slot) : 0;
}

void *machine_backing(paddr_t base, uint64_t size) {
    if (within(base, size, OTHER_BASE, OTHER_SIZE)) {
        return other + (base - OTHER_BASE);
    }
    if (!mem_in_pool(base, size)) {
        host_fail("no such memory");
    }
    return pool + (base - POOL_BASE);
}

static void event(enum event_kind kind, uint64_t value) {
    if (machine.event_count < HOST_EVENTS) {
        machine.event[machine.event_count].kind = kind;
        machine.event[machine.event_count++].value = value;
    }
}

void mem_zero_page(paddr_t page) {
    event(EVENT_ZERO, page);
    if (mem_in_pool(page, PAGE_SIZE) || within(page, PAGE_SIZE, OTHER_BASE, OTHER_SIZE)) {
        memset(machine_backing(page, PAGE_SIZE), 0, PAGE_SIZE);
    }
}

void paging_kernel_half(uint64_t *table) {
    for (unsigned i = PTE_ENTRIES / 2; i < PTE_ENTRIES; i++) {
        table[i] = pte_table(0x1000) & ~PTE_USER;
    }
}

void paging_flush(void) {
    event(EVENT_FLUSH, 0);
}

bool mem_gigabyte_pages(void) {
    return machine.gigabyte_pages;
}

void dispatcher_init(struct cap *cap) {
    struct host_dispatcher *d = mem_direct(cap->base);
    d->alive = 1;
    event(EVENT_DISPATCHER_INIT, cap->base);
}

void dispatcher_end(struct cap *cap) {
    struct host_dispatcher *d = mem_direct(cap->base);
    d->alive = 0;
    event(EVENT_DISPATCHER_END, cap->base);
}

struct cte *dispatcher_slots(const struct cap *cap, unsigned *count) {
    struct host_dispatcher *d = mem_direct(cap->base);
    *count = ARRAY_SIZE(d->slots);
    return d->slots;
}

void irq_end(struct cap *cap) {
    event(EVENT_IRQ_END, cap->base);
}

void cap_kept_lost(struct cte *slot) {
    event(EVENT_KEPT_LOST, machine_slot_address(slot));
}

err_t inv_dispatcher_setup(struct invocation *inv) {
    struct host_dispatcher *d = mem_direct(inv->cap->cap.base);
    for (unsigned i = 0; i < ARRAY_SIZE(d->slots); i++) {
        if (d->slots[i].cap.type != CAP_TYPE_NULL) {
            return ERR_NOT_READY;
        }
    }
    for (unsigned i = 0; i < ARRAY_SIZE(d->slots); i++) {
        cap_keep(&d->slots[i], inv->cte[i]);
    }
    return ERR_OK;
}

err_t inv_dispatcher_notification(struct invocation *inv) {
    struct cap cap = cap_make(CAP_TYPE_NOTIFICATION, inv->cap->cap.base, inv->cap->cap.size);
    if (inv->word[1] > 63) {
        return ERR_ARGUMENT;
    }
    cap.extra = inv->word[1];
    cap_create(inv->cte[0], &cap);
    return ERR_OK;
}

static void make(struct cte *slot, unsigned type, uint64_t base, uint64_t size) {
    struct cap cap = cap_make(type, base, size);
    cap_create(slot, &cap);
}

/* The first three pages of the pool are the root, task and memory CNodes; the rest of it is RAM. */
static void domain_make(void) {
    struct cte *root = mem_direct(POOL_BASE);
    struct cte *task = mem_direct(POOL_BASE + PAGE_SIZE), *memory = mem_direct(POOL_BASE + 2 * PAGE_SIZE);
    make(&task[CAP_ROOT_CNODE], CAP_TYPE_CNODE, POOL_BASE, PAGE_SIZE);
    make(&root[ROOT_SLOT_TASK], CAP_TYPE_CNODE, POOL_BASE + PAGE_SIZE, PAGE_SIZE);
    make(&root[ROOT_SLOT_MEMORY], CAP_TYPE_CNODE, POOL_BASE + 2 * PAGE_SIZE, PAGE_SIZE);
    cap_copy(&task[CAP_TASK_CNODE], &root[ROOT_SLOT_TASK]);
    cap_keep(&machine.root, &task[CAP_ROOT_CNODE]);
    make(&memory[0], CAP_TYPE_RAM, POOL_BASE + 3 * PAGE_SIZE, POOL_SIZE - 3 * PAGE_SIZE);
    make(&memory[1], CAP_TYPE_RAM, OTHER_BASE, OTHER_SIZE);
    make(&memory[2], CAP_TYPE_DEVICE, 0xfec00000, 0x400000);
    make(&memory[3], CAP_TYPE_FRAME, 1UL << 32, 1UL << 32);
    make(&task[CAP_KERNEL], CAP_TYPE_KERNEL, 0, 1);
    make(&task[CAP_IOPORT], CAP_TYPE_IOPORT, 0, 1 << 16);
    make(&task[CAP_IRQ], CAP_TYPE_IRQ, VECTOR_USER_FIRST, VECTOR_USER_LAST + 1 - VECTOR_USER_FIRST);
    make(&task[CAP_CORES], CAP_TYPE_CORE, 0, MAX_CORES);
}

void startup_core(uint32_t apic, paddr_t trampoline) {
    (void)apic;
    (void)trampoline;
}

void startup_interrupt(uint32_t apic, uint8_t vector) {
    event(EVENT_INTERRUPT, (uint64_t)apic << 8 | vector);
}

void startup_nmi(uint32_t apic) {
    (void)apic;
}

uint32_t startup_own_apic(void) {
    return HOST_CORE;
}

static void machine_clear(void) {
    unsigned guard = 0;
    while (ending_active() && guard++ < 100000) {
        (void)cap_end_step();
    }
    for (unsigned region = 0; region < MDB_REGIONS; region++) {
        while (mdb_root(region) != NULL) {
            cap_drop(mdb_root(region));
        }
    }
}

void machine_reset(void) {
    if (pool == NULL) {
        pool = aligned_alloc(PAGE_SIZE, POOL_SIZE);
        other = aligned_alloc(PAGE_SIZE, OTHER_SIZE);
    } else {
        machine_clear();
    }
    memset(pool, 0, 3 * PAGE_SIZE);
    memset(pool + 3 * PAGE_SIZE, 0xa5, POOL_SIZE - 3 * PAGE_SIZE); /* what its last owner left there */
    memset(other, 0x5a, OTHER_SIZE);
    memset(&machine, 0, sizeof(machine));
    cap_init(HOST_CORE);
    domain_make();
    machine.event_count = 0;
}
