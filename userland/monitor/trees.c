/* A note's first word: what it says | first index << 8 | row << 24 | number of nodes << 32; a byte an entry in the others. */
#include "monitor/trees.h"

#include <skerry/heap.h>
#include <skerry/log.h>
#include <skerry/string.h>

#include "monitor/agreement.h"
#include "monitor/cores.h"
#include "monitor/home.h"
#include "monitor/leaks.h"
#include "monitor/machine.h"
#include "monitor/numa.h"

#define ENTRIES ((AGREE_WORDS - 1) * sizeof(uint64_t)) /* in a note */

enum trees_note { NOTE_NODES = 1, NOTE_DISTANCES };

/* From one root, as it was in a view. */
struct made {
    struct agree_tree tree;
    uint32_t epoch;
};

/* A machine of one socket with so many cores is treated as if it had several: a tree of two levels then takes less time
   than a star, whose root sends to each and hears from each. */
#define FLAT_CORES 12

static unsigned nodes; /* 0: nobody has said so yet */
static uint8_t node_of[MAX_CORES];
static uint8_t distance[NUMA_NODES][NUMA_NODES];
static struct made *made[MAX_CORES][2]; /* the second one: the farthest first */

/* Trees */

static unsigned flat_width(void) {
    unsigned width = 1;
    while (width * width < core_count()) {
        width++;
    }
    return width;
}

static unsigned group_of(unsigned core) {
    return nodes > 1 ? node_of[core] : core / flat_width();
}

static unsigned groups(void) {
    return nodes > 1 ? nodes : core_count() >= FLAT_CORES ? group_of(core_count() - 1) + 1 : 1;
}

static unsigned head_of(unsigned node, unsigned root) {
    const struct agree_set *live = &agreement()->live;
    AGREE_FOR_EACH(core, live) {
        if (group_of(core) == node) {
            return node == group_of(root) ? root : core;
        }
    }
    return root;
}

static void build(struct agree_tree *tree, unsigned root, bool farthest_first) {
    unsigned head[NUMA_NODES];
    for (unsigned node = 0; node < groups(); node++) {
        head[node] = head_of(node, root);
    }
    for (unsigned core = 0; core < core_count(); core++) {
        unsigned node = group_of(core), away = distance[group_of(root)][node];
        tree->parent[core] = (uint16_t)(core == head[node] ? root : head[node]);
        tree->rank[core] = (uint16_t)(farthest_first ? (UINT8_MAX - away) * MAX_CORES + core : core);
    }
}

const struct agree_tree *trees_get(void *context, enum agree_topology topology, unsigned root) {
    (void)context;
    if (groups() < 2 || topology < AGREE_MULTICAST || root >= core_count()) {
        return NULL;
    }
    struct made **at = &made[root][topology == AGREE_NUMA];
    if (*at == NULL) {
        struct held before = leaks_made_from();
        *at = calloc(1, sizeof(**at));
        leaks_made_for_good(&before);
    }
    if (*at != NULL && (*at)->epoch != agreement()->epoch) {
        build(&(*at)->tree, root, topology == AGREE_NUMA);
        (*at)->epoch = agreement()->epoch;
    }
    return *at != NULL ? &(*at)->tree : NULL;
}

enum agree_topology trees_best(void) {
    return groups() < 2 ? AGREE_UNICAST : AGREE_NUMA;
}

/* Facts */

void trees_know(const uint8_t apic[], uint32_t cores) {
    const struct numa_machine *numa = numa_machine();
    for (uint32_t core = 0; core < cores; core++) {
        node_of[core] = numa->node_of_apic[apic[core]];
    }
    memcpy(distance, numa->distance, sizeof(distance));
    nodes = numa->nodes;
}

static void tell(unsigned to, enum trees_note what, unsigned row, const uint8_t entry[], unsigned count) {
    for (unsigned first = 0; first < count; first += ENTRIES) {
        uint64_t op[AGREE_WORDS] = {what | first << 8 | (uint64_t)row << 24 | (uint64_t)nodes << 32};
        memcpy(&op[1], entry + first, MIN(count - first, (unsigned)ENTRIES));
        agree_note(agreement(), to, AGREEMENT_KNOWLEDGE, op);
    }
}

void trees_viewed(const struct agree_set *joined) {
    if (!is_home() || nodes < 2) {
        return;
    }
    AGREE_FOR_EACH(core, joined) {
        for (unsigned row = 0; core != this_core() && row < nodes; row++) {
            tell(core, NOTE_DISTANCES, row, distance[row], nodes);
        }
        if (core != this_core()) {
            tell(core, NOTE_NODES, 0, node_of, core_count());
        }
    }
}

static bool learn(const uint64_t op[AGREE_WORDS]) {
    const uint8_t *entry = (const uint8_t *)&op[1];
    unsigned what = op[0] & 0xff, first = op[0] >> 8 & 0xffff, row = op[0] >> 24 & 0xff;
    uint64_t count = op[0] >> 32;
    if (count > NUMA_NODES || row >= NUMA_NODES) {
        return false;
    }
    for (unsigned i = 0; i < ENTRIES; i++) {
        if (what == NOTE_NODES && first + i < core_count() && entry[i] < count) {
            node_of[first + i] = entry[i];
            nodes = (unsigned)count;
        } else if (what == NOTE_DISTANCES && first + i < count) {
            distance[row][first + i] = entry[i];
        }
    }
    return what == NOTE_NODES || what == NOTE_DISTANCES;
}

static void note(void *context, unsigned from, const uint64_t op[AGREE_WORDS]) {
    (void)context;
    if (!learn(op)) {
        log_line("core %u sent nonsense about sockets", from);
    }
}

static err_t prepare(void *context, const struct agree_work *work, uint64_t *holder) {
    (void)context, (void)work, (void)holder;
    return ERR_UNSUPPORTED; /* there are only notes */
}

static err_t finish(void *context, const struct agree_work *work, enum agree_end end) {
    (void)context, (void)work, (void)end;
    return ERR_OK;
}

static const struct agree_client client = {
    .prepare = prepare,
    .finish = finish,
    .done = agreement_done,
    .note = note,
};

void trees_init(void) {
    agreement_register(AGREEMENT_KNOWLEDGE, &client);
}
