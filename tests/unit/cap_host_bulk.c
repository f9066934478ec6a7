/*
 * A large mapping database, and what its operations cost in it.
 */
#include <stdlib.h>

#include "cap/mdb.h"
#include "cap_host.h"

enum { COST_INSERT, COST_REMOVE, COST_COPY, COST_DESCENDANT, COST_ANCESTOR, COST_OVERLAP };
enum { BULK_COPIES, BULK_PAGES, BULK_NESTED, BULK_MAPPINGS };

static struct cte *bulk;
static uint64_t bulk_size;

static struct cap bulk_cap(uint64_t i, uint64_t count, uint64_t kind) {
    struct cap cap = cap_make(CAP_TYPE_FRAME, 1UL << 40, count * PAGE_SIZE);
    if (kind == BULK_PAGES && i > 0) { /* siblings in one range */
        cap = cap_make(CAP_TYPE_FRAME, cap.base + i * PAGE_SIZE, PAGE_SIZE);
    } else if (kind == BULK_NESTED) { /* each inside the one before */
        cap = cap_make(CAP_TYPE_RAM, cap.base, (count - i) * PAGE_SIZE);
    } else if (kind == BULK_MAPPINGS && i > 1) { /* mappings of the whole that reach over the edge of a part */
        cap = cap_make(CAP_TYPE_MAPPING, cap.base + (i == 2 ? 1 : 3) * PAGE_SIZE, i == 2 ? PAGE_SIZE : 4 * PAGE_SIZE);
        cap.extra = i;
    } else if (kind == BULK_MAPPINGS && i == 1) {
        cap = cap_make(CAP_TYPE_FRAME, cap.base, 4 * PAGE_SIZE);
    }
    return cap;
}

void bulk_make(uint64_t count, uint64_t kind) {
    machine_reset(); /* unlinks an earlier one */
    free(bulk);
    bulk = aligned_alloc(64, count * sizeof(*bulk));
    bulk_size = count;
    memset(bulk, 0, count * sizeof(*bulk));
    for (uint64_t i = 0; i < count; i++) {
        struct cap cap = bulk_cap(i, count, kind);
        cap_create(&bulk[i], &cap);
    }
}

static void raise(uint64_t *most, uint64_t before) {
    *most = MAX(*most, host_calls - before);
}

static void cost_query(const struct cte *slot, uint64_t cost[BULK_COSTS]) {
    uint64_t before = host_calls;
    (void)mdb_copy(slot);
    raise(&cost[COST_COPY], before);
    before = host_calls;
    (void)mdb_descendant(slot);
    raise(&cost[COST_DESCENDANT], before);
    before = host_calls;
    (void)mdb_ancestor(slot);
    raise(&cost[COST_ANCESTOR], before);
    before = host_calls;
    (void)mdb_overlap(slot, slot->cap.base, slot->cap.size);
    raise(&cost[COST_OVERLAP], before);
}

void bulk_cost(uint64_t samples, uint64_t cost[BULK_COSTS]) {
    memset(cost, 0, BULK_COSTS * sizeof(*cost));
    for (uint64_t i = 0; i < samples; i++) {
        struct cte *slot = &bulk[i * (bulk_size / samples)];
        cost_query(slot, cost);
        uint64_t before = host_calls;
        mdb_remove(slot);
        raise(&cost[COST_REMOVE], before);
        before = host_calls;
        mdb_insert(slot);
        raise(&cost[COST_INSERT], before);
    }
}
