/* The suite `spans`, for figure 7: a page that a domain's members on all cores, or on the first so many, have just touched is
   taken away from all of them, by protect and by unmap; each member spins on another page of the span meanwhile. */
#include <skerry/domain.h>
#include <skerry/domain_span.h>
#include <skerry/ram.h>
#include <skerry/slots.h>
#include <skerry/spawn.h>

#include "programs/bench/bench.h"
#include "programs/bench/far.h"
#include "programs/bench/pair.h"

#define CONTROL_PAGES 5
#define END_MS 10000

/* Lines of their own. */
struct control {
    _Alignas(64) volatile uint64_t generation;
    volatile uint64_t *page;
    struct {
        _Alignas(64) volatile uint64_t seen;
    } core[MAX_CORES];
};

#define LEAVE UINT64_MAX /* a generation */

_Static_assert(sizeof(struct control) <= CONTROL_PAGES * PAGE_SIZE, "the control's frame");

static struct control *control;
static capaddr_t page_frame;
static uint64_t cores;
static uint32_t members[MAX_CORES];

static int touch_always(uint64_t argument) {
    struct control *shared = (struct control *)argument;
    unsigned self = domain_args()->core;
    for (uint64_t seen = 0; seen != LEAVE;) {
        if (shared->generation == seen) {
            cpu_pause();
            continue;
        }
        seen = shared->generation;
        if (seen != LEAVE) {
            shared->page[self] = 1;
        }
        shared->core[self].seen = seen;
    }
    return 0;
}

static err_t map_new(uint64_t pages, capaddr_t *frame, void **at) {
    TRY(ram_make(CAP_TYPE_FRAME, pages * PAGE_SIZE, frame, NULL));
    struct vspace_request request = {*frame, 0, pages * PAGE_SIZE, MAP_READ | MAP_WRITE};
    return domain_span_map(&request, at);
}

static err_t open(struct pair *pair) {
    capaddr_t frame;
    void *at;
    uint64_t all;
    (void)pair;
    TRY(far_cores(&all));
    cores = suite_cores != 0 && suite_cores < all ? suite_cores : all;
    TRY(domain_span_begin());
    TRY(map_new(CONTROL_PAGES, &frame, &at));
    control = at;
    TRY(map_new(1, &page_frame, &at));
    control->page = at;
    for (uint64_t core = 1; core < cores; core++) {
        struct domain_span_start start = {(coreid_t)core, touch_always, (uint64_t)(uintptr_t)control};
        TRY(domain_span(&start, &members[core]));
    }
    return ERR_OK;
}

static void all_at(uint64_t generation) {
    control->generation = generation;
    for (uint64_t core = 1; core < cores; core++) {
        while (control->core[core].seen != generation) {
            cpu_pause();
        }
    }
}

static err_t close(struct pair *pair) {
    (void)pair;
    all_at(LEAVE);
    for (uint64_t core = 1; core < cores; core++) {
        struct spawn_end end;
        TRY(spawn_wait(members[core], END_MS, &end));
    }
    return ERR_OK;
}

/* Every core has the page in its TLB. */
static void touch_all(void) {
    *control->page = 1;
    all_at(control->generation + 1);
}

static err_t protect(uint64_t *ticks) {
    void *at = (void *)(uintptr_t)control->page;
    touch_all();
    uint64_t begin = stamp_begin();
    err_t err = domain_span_protect(at, PAGE_SIZE, 0);
    *ticks = stamp_end() - begin;
    return err == ERR_OK ? domain_span_protect(at, PAGE_SIZE, MAP_READ | MAP_WRITE) : err;
}

static err_t unmap(uint64_t *ticks) {
    struct vspace_request request = {page_frame, 0, PAGE_SIZE, MAP_READ | MAP_WRITE};
    void *at = (void *)(uintptr_t)control->page;
    touch_all();
    uint64_t begin = stamp_begin();
    err_t err = domain_span_unmap(at, PAGE_SIZE);
    *ticks = stamp_end() - begin;
    TRY(err);
    TRY(domain_span_map(&request, &at));
    control->page = at;
    return ERR_OK;
}

static err_t choose(struct pair *pair) {
    (void)pair;
    domain_span_topology(DOMAIN_SPAN_CHOOSE);
    return ERR_OK;
}

static err_t by_unicast(struct pair *pair) {
    (void)pair;
    domain_span_topology(AGREE_UNICAST);
    return ERR_OK;
}

static err_t by_broadcast(struct pair *pair) {
    (void)pair;
    domain_span_topology(AGREE_BROADCAST);
    return ERR_OK;
}

static err_t by_multicast(struct pair *pair) {
    (void)pair;
    domain_span_topology(AGREE_MULTICAST);
    return ERR_OK;
}

static err_t by_numa(struct pair *pair) {
    (void)pair;
    domain_span_topology(AGREE_NUMA);
    return ERR_OK;
}

static err_t protect_measure(struct pair *pair, uint64_t *ticks) {
    (void)pair;
    return protect(ticks);
}

static err_t unmap_measure(struct pair *pair, uint64_t *ticks) {
    (void)pair;
    return unmap(ticks);
}

static const struct path paths[] = {
    {"overhead", NULL, suite_overhead, NULL},
    {"protect", choose, protect_measure, NULL},
    {"unmap", choose, unmap_measure, NULL},
    {"protect-broadcast", by_broadcast, protect_measure, NULL},
    {"protect-unicast", by_unicast, protect_measure, NULL},
    {"protect-multicast", by_multicast, protect_measure, NULL},
    {"protect-numa", by_numa, protect_measure, NULL},
};

const struct suite suite_spans = {"spans", paths, ARRAY_SIZE(paths), open, close};
