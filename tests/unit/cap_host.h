/*
 * The host program that runs kernel/cap: what its parts share.
 *
 * Physical memory: a pool that the CPU driver can reach, other RAM that it can only zero, the rest not backed at all.
 */
#pragma once

#include <string.h>

#include "cap/cap.h"
#include "core/mem.h"

#define POOL_BASE 0x400000UL
#define POOL_SIZE 0x800000UL
#define OTHER_BASE 0x2000000UL
#define OTHER_SIZE 0x400000UL
#define HOST_CORE 3
#define HOST_EVENTS 4096

enum event_kind {
    EVENT_DISPATCHER_INIT,
    EVENT_DISPATCHER_END,
    EVENT_KEPT_LOST,
    EVENT_IRQ_END,
    EVENT_FLUSH,
    EVENT_ZERO,
    EVENT_INTERRUPT, /* of another core: APIC id and vector */
};

struct host_dispatcher {
    struct cte slots[3];
    uint64_t alive;
};

extern struct machine {
    struct cte root; /* the kept root CNode of the one domain */
    bool gigabyte_pages;
    unsigned event_count;
    struct {
        uint64_t kind, value;
    } event[HOST_EVENTS];
} machine;

/* A fresh machine with one domain, laid out like a monitor's. */
void machine_reset(void);

/* Bytes behind physical memory that is backed. */
void *machine_backing(paddr_t base, uint64_t size);

/* Physical address of a slot in the pool; 0 for the machine's own. */
uint64_t machine_slot_address(const struct cte *slot);

/* Functions entered so far: a measure of work that does not depend on the computer. */
extern uint64_t host_calls;

/* Everything that must hold between kernel entries. */
void check(void);

/* A database of `count` capabilities in an arrangement chosen by `kind`, outside the machine. */
enum { BULK_COSTS = 6 };
void bulk_make(uint64_t count, uint64_t kind);
void bulk_cost(uint64_t samples, uint64_t cost[BULK_COSTS]);

[[gnu::noreturn]] void host_fail(const char *what);
