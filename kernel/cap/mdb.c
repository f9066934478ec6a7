/*
 * The trees of the mapping database, in the order of mdb_key.h: weak AVL trees [Haeupler, Sen, Tarjan: Rank-Balanced Trees].
 *
 * A node has a rank, `height`: a leaf's is 1, a missing node's 0, and a parent's is one or two above each of its children's.
 * Like an AVL tree's as long as nothing is removed; but a mapping that comes and goes moves ranks at a place or two,
 * whatever the tree's size.
 *
 * Each node knows the least and the greatest end in its subtree, so that "the next that ends after x" and "the next
 * that ends by x" are single descents (mdb_query.c). There are no parent pointers, which pays for the second of these;
 * insert and remove remember their way down instead, as the links that they followed.
 */
#include "cap/mdb.h"

#include "cap/mdb_key.h"

/* A tree of 2^32 nodes, 256 GiB of slots, is at most twice the logarithm high. */
#define MDB_DEPTH 64

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

/* Recompute the ends in a node's subtree. False if they have not changed. */
static bool ends_update(struct cte *node) {
    const struct cte *left = node->left, *right = node->right;
    uint64_t least = mdb_end(&node->cap), greatest = least;
    if (left != NULL) {
        least = MIN(least, left->min_end);
        greatest = MAX(greatest, left->max_end);
    }
    if (right != NULL) {
        least = MIN(least, right->min_end);
        greatest = MAX(greatest, right->max_end);
    }
    bool changed = node->min_end != least || node->max_end != greatest;
    node->min_end = least;
    node->max_end = greatest;
    return changed;
}

/* These two leave the ends of what comes out on top to the caller. */
static struct cte *rotate_right(struct cte *node) {
    struct cte *top = node->left;
    node->left = top->right;
    top->right = node;
    ends_update(node);
    return top;
}

static struct cte *rotate_left(struct cte *node) {
    struct cte *top = node->right;
    node->right = top->left;
    top->left = node;
    ends_update(node);
    return top;
}

/* A child comes up over its parent; or, if it is the inner one that is wanted, that child's inner child over both. */
static struct cte *turn(struct cte *node, bool from_left, bool inner) {
    if (from_left) {
        node->left = inner ? rotate_left(node->left) : node->left;
        return rotate_right(node);
    }
    node->right = inner ? rotate_right(node->right) : node->right;
    return rotate_left(node);
}

/* A child is as high as its parent, and the other one two below; returns what takes the parent's place. */
static struct cte *turn_grown(struct cte *node, struct cte *child) {
    bool from_left = node->left == child;
    struct cte *between = from_left ? child->right : child->left;
    bool inner = child->cap.height == height(between) + 1;
    node->cap.height--;
    if (inner) {
        child->cap.height--;
        between->cap.height++;
    }
    return turn(node, from_left, inner);
}

/* A child is three below its parent, the other one, which has a child just below it, only one: the other one's side comes up. */
static struct cte *turn_shrunk(struct cte *node, bool from_left) {
    struct cte *other = from_left ? node->left : node->right;
    struct cte *between = from_left ? other->right : other->left;
    const struct cte *outer = from_left ? other->left : other->right;
    bool inner = other->cap.height != height(outer) + 1;
    node->cap.height -= inner ? 2 : 1;
    if (inner) {
        other->cap.height--;
        between->cap.height += 2;
    } else {
        other->cap.height++;
    }
    struct cte *top = turn(node, from_left, inner);
    if (node->left == NULL && node->right == NULL) {
        node->cap.height = 1;
    }
    return top;
}

/* A subtree of this node may have become lower. True: so has the node. */
static bool shrink(struct cte **link) {
    struct cte *node = *link;
    unsigned high = node->cap.height, left = height(node->left), right = height(node->right);
    if (MAX(left, right) == 0) {
        node->cap.height = 1;
        return high != 1;
    }
    if (high - left < 3 && high - right < 3) {
        return false;
    }
    struct cte *other = left < right ? node->right : node->left;
    if (high - other->cap.height == 1) {
        if (MAX(height(other->left), height(other->right)) + 1 == other->cap.height) {
            *link = turn_shrunk(node, left > right);
            return false;
        }
        other->cap.height--;
    }
    node->cap.height--;
    return true;
}

/*
 * Repair the nodes on the path from the bottom up; above place `must`, only as far as something changes. The node at
 * `must` may be new there, so that what it knew before says nothing about what those above it know.
 */
static void path_repair(struct path *path, unsigned must) {
    bool lower = true;
    for (unsigned i = path->depth; i-- > 0;) {
        struct cte **link = path->link[i], *before = *link;
        lower = lower && shrink(link);
        if (!ends_update(*link) && !lower && *link == before && i < must) {
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

/* The nodes above a new leaf, from the root down. Nobody else inserts meanwhile. */
static struct ancestry {
    struct cte **root;
    struct cte *node[MDB_DEPTH];
} above;

static struct cte **link_to(struct cte *const *node) {
    if (node == above.node) {
        return above.root;
    }
    struct cte *parent = node[-1];
    return parent->left == *node ? &parent->left : &parent->right;
}

/* Up from a new leaf, as long as a child is as high as its parent. Ends are right already. */
static inline void grow(struct cte **top, struct cte *child) {
    while (top-- != above.node) {
        struct cte *node = *top;
        unsigned high = node->cap.height;
        if (high != child->cap.height) {
            return;
        }
        const struct cte *sibling = node->left == child ? node->right : node->left;
        if (high - height(sibling) != 1) {
            struct cte **link = link_to(top);
            *link = turn_grown(node, child);
            ends_update(*link);
            return;
        }
        node->cap.height = (uint8_t)(high + 1);
        child = node;
    }
}

/* The new node's end is noted on the way down. */
static inline void insert(struct cte **root, struct cte *slot) {
    above.root = root;
    struct cte **top = above.node, *node = *root;
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
    *(top == above.node ? root : after ? &top[-1]->right : &top[-1]->left) = slot;
    slot->left = slot->right = NULL;
    slot->cap.height = 1;
    slot->min_end = slot->max_end = end;
    grow(top, slot);
    count++;
}

void mdb_insert(struct cte *slot) {
    insert(&roots[mdb_region(&slot->cap)], slot);
}

void mdb_insert_mapping(struct cte *slot) {
    insert(&roots[SPACE_MEMORY + SPACE_COUNT], slot);
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
    heir->cap.height = slot->cap.height;
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
