/* Dividing a set of cores among the branches of a tree. */
#include <skerry/agree_tree.h>

bool agree_tree_valid(const struct agree_tree *tree, unsigned root, unsigned cores) {
    for (unsigned core = 0; core < cores; core++) {
        unsigned steps = 0, at = core;
        while (at != root) {
            at = tree->parent[at];
            if (at >= cores || ++steps > cores) {
                return false;
            }
        }
    }
    return true;
}

/* A node and those on its way to the root. */
static struct agree_set with_ancestors(const struct agree_tree *tree, unsigned core) {
    struct agree_set set = {};
    for (unsigned steps = 0; steps < AGREE_CORES && core < AGREE_CORES && !agree_has(&set, core); steps++) {
        agree_add(&set, core);
        core = tree->parent[core];
    }
    return set;
}

/* The highest node on the core's way to the root that is not also on `self`'s way: the branch in which the core lies.
   `self` stands where a node without a stake was left out, too; then its branches are that node's other ones. */
static unsigned branch_of(const struct agree_tree *tree, const struct agree_set *way, unsigned core) {
    for (unsigned steps = 0; steps < AGREE_CORES; steps++) {
        unsigned parent = tree->parent[core];
        if (parent >= AGREE_CORES || parent == core || agree_has(way, parent)) {
            return core;
        }
        core = parent;
    }
    return core;
}

static bool goes_before(const struct agree_tree *tree, unsigned a, unsigned b) {
    return tree->rank[a] != tree->rank[b] ? tree->rank[a] < tree->rank[b] : a < b;
}

static void branch_add(const struct agree_tree *tree, struct agree_branch *branch, unsigned core) {
    bool first = branch->head == AGREE_NOBODY || core == branch->node ||
                 (branch->head != branch->node && goes_before(tree, core, branch->head));
    unsigned below = first ? branch->head : core;
    branch->head = first ? core : branch->head;
    if (below != AGREE_NOBODY) {
        agree_add(&branch->below, below);
    }
}

/* By insertion: mostly they come in their order. */
static void sort(const struct agree_tree *tree, struct agree_branches *branches) {
    for (unsigned i = 0; i < branches->count; i++) {
        unsigned at = i;
        for (; at > 0 && goes_before(tree, branches->branch[i].node, branches->branch[branches->order[at - 1]].node);
             at--) {
            branches->order[at] = branches->order[at - 1];
        }
        branches->order[at] = (uint16_t)i;
    }
}

static bool is_kept(const struct agree_tree *tree, unsigned self, const struct agree_set *cores,
                    const struct agree_branches *branches) {
    return tree->made != 0 && branches->made == tree->made && branches->self == self &&
           agree_same(&branches->cores, cores);
}

void agree_tree_divide(const struct agree_tree *tree, unsigned self, const struct agree_set *cores,
                       struct agree_branches *branches) {
    if (is_kept(tree, self, cores, branches)) {
        return;
    }
    struct agree_set way = with_ancestors(tree, self), known = {};
    branches->made = tree->made;
    branches->self = self;
    branches->cores = *cores;
    branches->count = 0;
    AGREE_FOR_EACH(core, cores) {
        unsigned node = branch_of(tree, &way, core);
        if (!agree_has(&known, node)) {
            agree_add(&known, node);
            branches->branch[branches->count] = (struct agree_branch){.node = node, .head = AGREE_NOBODY};
            branches->place[node] = (uint16_t)branches->count++;
        }
        branch_add(tree, &branches->branch[branches->place[node]], core);
    }
    sort(tree, branches);
}
