/* Dividing a set of cores among the branches of a tree. */
#include <skerry/agree_tree.h>

static bool is_ancestor(const struct agree_tree *tree, unsigned ancestor, unsigned core) {
    for (unsigned steps = 0; steps < AGREE_CORES; steps++) {
        if (core == ancestor) {
            return true;
        }
        if (core >= AGREE_CORES || tree->parent[core] == core) {
            return false;
        }
        core = tree->parent[core];
    }
    return false;
}

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

/* The highest node on the core's way to the root that is not also on `self`'s way: the branch in which the core lies.
   `self` stands where a node without a stake was left out, too; then its branches are that node's other ones. */
static unsigned branch_of(const struct agree_tree *tree, unsigned self, unsigned core) {
    for (unsigned steps = 0; steps < AGREE_CORES; steps++) {
        unsigned parent = tree->parent[core];
        if (parent >= AGREE_CORES || parent == core || is_ancestor(tree, parent, self)) {
            return core;
        }
        core = parent;
    }
    return core;
}

static bool goes_before(const struct agree_tree *tree, unsigned a, unsigned b) {
    return tree->rank[a] != tree->rank[b] ? tree->rank[a] < tree->rank[b] : a < b;
}

static unsigned first_branch(const struct agree_tree *tree, unsigned self, const struct agree_set *rest) {
    unsigned first = AGREE_NOBODY;
    AGREE_FOR_EACH(core, rest) {
        unsigned branch = branch_of(tree, self, core);
        if (first == AGREE_NOBODY || goes_before(tree, branch, first)) {
            first = branch;
        }
    }
    return first;
}

struct agree_branch agree_tree_next(const struct agree_tree *tree, unsigned self, struct agree_set *rest) {
    struct agree_branch branch = {.head = AGREE_NOBODY};
    if (tree == NULL) {
        branch.head = agree_lowest(rest);
        if (branch.head != AGREE_NOBODY) {
            agree_remove(rest, branch.head);
        }
        return branch;
    }
    unsigned node = first_branch(tree, self, rest);
    AGREE_FOR_EACH(core, rest) {
        if (branch_of(tree, self, core) != node) {
            continue;
        }
        agree_add(&branch.below, core);
        if (core == node || branch.head == AGREE_NOBODY ||
            (branch.head != node && goes_before(tree, core, branch.head))) {
            branch.head = core;
        }
    }
    *rest = agree_without(rest, &branch.below);
    if (branch.head != AGREE_NOBODY) {
        agree_remove(&branch.below, branch.head);
    }
    return branch;
}
