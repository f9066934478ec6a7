/* Made when they are first wanted, and anew when the view or the groups are others. A core of which nothing is known hangs on the
   root. */
#include "monitor/trees.h"

#include <skerry/heap.h>

#include "monitor/agreement.h"
#include "monitor/cores.h"
#include "monitor/groups.h"
#include "monitor/leaks.h"

/* From one root, as it was in a view. */
struct made {
    struct agree_tree tree;
    uint32_t epoch, version; /* of the groups */
};

static struct made *made[MAX_CORES][2]; /* the second one: the farthest first */
static uint64_t last_made;

/* The lowest live core of each group; the root of its own. */
static void find_heads(unsigned root, unsigned head[GROUPS_MAX]) {
    const struct groups *groups = groups_get();
    for (unsigned group = 0; group < groups->count; group++) {
        head[group] = AGREE_NOBODY;
    }
    AGREE_FOR_EACH(core, &agreement()->live) {
        unsigned group = groups->of[core];
        if (group < groups->count && head[group] == AGREE_NOBODY) {
            head[group] = core;
        }
    }
    if (groups->of[root] < groups->count) {
        head[groups->of[root]] = root;
    }
}

static unsigned farther(const struct groups *groups, unsigned from, unsigned group) {
    unsigned count = 0;
    for (unsigned other = 0; other < groups->count; other++) {
        count += groups->apart[from][other] > groups->apart[from][group];
    }
    return count;
}

_Static_assert(GROUPS_MAX *AGREE_CORES <= UINT16_MAX, "ranks are distinct");

static void build(struct agree_tree *tree, unsigned root, bool farthest_first) {
    const struct groups *groups = groups_get();
    unsigned head[GROUPS_MAX], before[GROUPS_MAX] = {0};
    tree->made = ++last_made;
    find_heads(root, head);
    for (unsigned group = 0; farthest_first && groups->of[root] < groups->count && group < groups->count; group++) {
        before[group] = farther(groups, groups->of[root], group);
    }
    for (unsigned core = 0; core < core_count(); core++) {
        unsigned group = groups->of[core];
        bool known = group < groups->count;
        bool below = known && head[group] != AGREE_NOBODY && core != head[group];
        tree->parent[core] = (uint16_t)(below ? head[group] : root);
        tree->rank[core] = (uint16_t)((known ? before[group] : 0) * AGREE_CORES + core);
    }
}

const struct agree_tree *trees_get(void *context, enum agree_topology topology, unsigned root) {
    (void)context;
    if (groups_get()->count < 2 || topology < AGREE_MULTICAST || root >= core_count()) {
        return NULL;
    }
    struct made **at = &made[root][topology == AGREE_NUMA];
    if (*at == NULL) {
        struct held before = leaks_made_from();
        *at = calloc(1, sizeof(**at));
        leaks_made_for_good(&before);
    }
    if (*at != NULL && ((*at)->epoch != agreement()->epoch || (*at)->version != groups_version())) {
        build(&(*at)->tree, root, topology == AGREE_NUMA);
        (*at)->epoch = agreement()->epoch;
        (*at)->version = groups_version();
    }
    return *at != NULL ? &(*at)->tree : NULL;
}
