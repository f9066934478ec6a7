/*
 * The trees of the mapping database: AVL trees in the order of mdb_key.h.
 *
 * Each node knows the least and the greatest end in its subtree, so that "the next that ends after x" and "the next
 * that ends by x" are single descents (mdb_query.c). There are no parent pointers, which pays for the second of these;
 * insert and remove remember their way down instead, as the links that they followed.
 */
#include "cap/mdb.h"

#include "cap/mdb_key.h"

/* An AVL tree of 2^32 nodes, 256 GiB of slots, is at most 46 high. */
#define MDB_DEPTH 48

/* For removal: the links followed from the root down; the last one leads to the place in question. */
struct path {
    struct cte **link[MDB_DEPTH];
    unsigned depth;
};

static struct cte *roots[MDB_REGIONS];
static uint64_t count;

struct cte *mdb_root(unsigned region) {
    return roots[region];
}

uint64_t mdb_count(void) {
    return count;
}

static unsigned height(const struct cte *node) {
    return node == NULL ? 0 : node->cap.height;
}

/* Recompute what a node knows about its subtree. False if nothing has changed. */
static bool node_update(struct cte *node) {
    const struct cte *left = node->left, *right = node->right;
    unsigned high = 1 + MAX(height(left), height(right));
    uint64_t least = mdb_end(&node->cap), greatest = least;
    if (left != NULL) {
        least = MIN(least, left->min_end);
        greatest = MAX(greatest, left->max_end);
    }
    if (right != NULL) {
        least = MIN(least, right->min_end);
        greatest = MAX(greatest, right->max_end);
    }
    bool changed = node->cap.height != high || node->min_end != least || node->max_end != greatest;
    node->cap.height = (uint8_t)high;
    node->min_end = least;
    node->max_end = greatest;
    return changed;
}

static struct cte *rotate_right(struct cte *node) {
    struct cte *top = node->left;
    node->left = top->right;
    top->right = node;
    node_update(node);
    return top;
}

static struct cte *rotate_left(struct cte *node) {
    struct cte *top = node->right;
    node->right = top->left;
    top->left = node;
    node_update(node);
    return top;
}

/* Restore balance at a node whose subtrees differ by two; returns what takes its place, not yet updated. */
static struct cte *node_balance(struct cte *node) {
    if (height(node->left) > height(node->right)) {
        if (height(node->left->left) < height(node->left->right)) {
            node->left = rotate_left(node->left);
            node_update(node->left);
        }
        return rotate_right(node);
    }
    if (height(node->right->right) < height(node->right->left)) {
        node->right = rotate_right(node->right);
        node_update(node->right);
    }
    return rotate_left(node);
}

static bool node_unbalanced(const struct cte *node) {
    unsigned left = height(node->left), right = height(node->right);
    return left > right + 1 || right > left + 1;
}

/*
 * Repair the nodes on the path from the bottom up; above place `must`, only as far as something changes. The node at
 * `must` may be new there, so that what it knew before says nothing about what those above it know.
 */
static void path_repair(struct path *path, unsigned must) {
    for (unsigned i = path->depth; i-- > 0;) {
        struct cte **link = path->link[i];
        bool turned = node_unbalanced(*link);
        if (turned) {
            *link = node_balance(*link);
        }
        if (!node_update(*link) && !turned && i < must) {
            return;
        }
    }
}

static void path_push(struct path *path, struct cte **link) {
    KASSERT(path->depth < MDB_DEPTH);
    path->link[path->depth++] = link;
}

/* For when the start does not decide. */
static bool slot_before(const struct cte *slot, const struct cte *node) {
    struct mdb_key key = mdb_key(&slot->cap, (uintptr_t)slot);
    return mdb_key_before(&key, node);
}

/* The nodes above a new leaf, from the root down. */
struct ancestry {
    struct cte **root;
    struct cte *node[MDB_DEPTH];
};

static struct cte **link_to(struct ancestry *above, struct cte *const *node) {
    if (node == above->node) {
        return above->root;
    }
    struct cte *parent = node[-1];
    return parent->left == *node ? &parent->left : &parent->right;
}

/*
 * Up from a new leaf: a child has grown to `high`. Ends are right already, so this is over where a subtree is as high as
 * before, which it also is once it had to be turned.
 */
static void grow(struct ancestry *above, struct cte **top, const struct cte *child) {
    for (unsigned high = 1; top-- != above->node; high++) {
        struct cte *node = *top;
        if (node->cap.height > high) {
            return;
        }
        const struct cte *sibling = node->left == child ? node->right : node->left;
        if (height(sibling) + 1 < high) {
            struct cte **link = link_to(above, top);
            *link = node_balance(node);
            node_update(*link);
            return;
        }
        node->cap.height = (uint8_t)(high + 1);
        child = node;
    }
}

/* The new node's end is noted on the way down. */
void mdb_insert(struct cte *slot) {
    struct ancestry above; /* the nodes are filled in on the way */
    above.root = &roots[mdb_region(&slot->cap)];
    struct cte **top = above.node, *node = *above.root;
    uint64_t start = slot->cap.base, end = mdb_end(&slot->cap);
    bool after = false;
    KASSERT(height(node) < MDB_DEPTH);
    while (node != NULL) {
        if (end < node->min_end) {
            node->min_end = end;
        }
        if (end > node->max_end) {
            node->max_end = end;
        }
        *top++ = node;
        after = LIKELY(start != node->cap.base) ? start > node->cap.base : !slot_before(slot, node);
        node = after ? node->right : node->left;
    }
    *(top == above.node ? above.root : after ? &top[-1]->right : &top[-1]->left) = slot;
    slot->left = slot->right = NULL;
    slot->cap.height = 1;
    slot->min_end = slot->max_end = end;
    grow(&above, top, slot);
    count++;
}

/* The way to a linked slot; returns the link that leads to it. */
static struct cte **path_to(struct path *path, const struct cte *slot) {
    struct mdb_key key = mdb_key(&slot->cap, (uintptr_t)slot);
    struct cte **link = &roots[key.region];
    path->depth = 0;
    while (*link != slot) {
        KASSERT(*link != NULL);
        path_push(path, link);
        link = mdb_key_before(&key, *link) ? &(*link)->left : &(*link)->right;
    }
    return link;
}

/* Put the successor of a node with two children in its place. */
static void replace_by_successor(struct path *path, struct cte **link) {
    struct cte *slot = *link;
    unsigned place = path->depth;
    path_push(path, link);
    struct cte **down = &slot->right;
    while ((*down)->left != NULL) {
        path_push(path, down);
        down = &(*down)->left;
    }
    struct cte *heir = *down;
    *down = heir->right;
    heir->left = slot->left;
    heir->right = slot->right;
    *link = heir;
    if (path->depth > place + 1) {
        path->link[place + 1] = &heir->right;
    }
    path_repair(path, place);
}

void mdb_remove(struct cte *slot) {
    struct path path;
    struct cte **link = path_to(&path, slot);
    if (slot->left != NULL && slot->right != NULL) {
        replace_by_successor(&path, link);
    } else {
        *link = slot->left != NULL ? slot->left : slot->right;
        path_repair(&path, path.depth);
    }
    slot->left = slot->right = NULL;
    count--;
}
