/*
 * Questions to the mapping database. Each is one or two descents from the root.
 */
#include "cap/mdb.h"
#include "cap/mdb_key.h"

/* Wanted: least <= end <= most. One of the two bounds is always open, which keeps the test of a subtree exact. */
struct ends {
    uint64_t least, most;
};

static const struct ends ANY_END = {0, UINT64_MAX};

static bool node_wanted(const struct cte *node, const struct ends *ends) {
    uint64_t end = mdb_end(&node->cap);
    return ends->least <= end && end <= ends->most;
}

static bool subtree_wanted(const struct cte *node, const struct ends *ends) {
    return node != NULL && ends->least <= node->max_end && node->min_end <= ends->most;
}

/* First and last wanted node of a subtree that has one. */
static struct cte *subtree_first(struct cte *node, const struct ends *ends) {
    for (;;) {
        if (subtree_wanted(node->left, ends)) {
            node = node->left;
        } else if (node_wanted(node, ends)) {
            return node;
        } else {
            node = node->right;
        }
    }
}

static struct cte *subtree_last(struct cte *node, const struct ends *ends) {
    for (;;) {
        if (subtree_wanted(node->right, ends)) {
            node = node->right;
        } else if (node_wanted(node, ends)) {
            return node;
        } else {
            node = node->left;
        }
    }
}

/* First wanted node after the key. The deepest left turn with something wanted at or right of it has it. */
static struct cte *find_after(const struct mdb_key *key, struct ends ends) {
    struct cte *best = NULL, *node = mdb_root(key->region);
    while (node != NULL) {
        if (!mdb_key_before(key, node)) {
            node = node->right;
            continue;
        }
        if (node_wanted(node, &ends) || subtree_wanted(node->right, &ends)) {
            best = node;
        }
        node = node->left;
    }
    if (best == NULL || node_wanted(best, &ends)) {
        return best;
    }
    return subtree_first(best->right, &ends);
}

/* Last wanted node before the key, or at it. */
static struct cte *find_before(const struct mdb_key *key, struct ends ends) {
    struct cte *best = NULL, *node = mdb_root(key->region);
    while (node != NULL) {
        if (mdb_key_before(key, node)) {
            node = node->left;
            continue;
        }
        if (node_wanted(node, &ends) || subtree_wanted(node->left, &ends)) {
            best = node;
        }
        node = node->right;
    }
    if (best == NULL || node_wanted(best, &ends)) {
        return best;
    }
    return subtree_last(best->left, &ends);
}

/* `other` lies in the range of `cap`. */
static bool is_inside(const struct cap *cap, const struct cap *other) {
    return cap_types[cap->type].space == cap_types[other->type].space && other->base >= cap->base &&
           other->base + other->size <= cap->base + cap->size;
}

bool mdb_is_copy(const struct cap *cap, const struct cap *other) {
    return mdb_kind(cap) == mdb_kind(other) && cap->base == other->base && cap->size == other->size &&
           mdb_badge(cap) == mdb_badge(other);
}

bool mdb_is_descendant(const struct cap *cap, const struct cap *other) {
    if (!is_inside(cap, other)) {
        return false;
    }
    bool part = other->type == cap->type && other->size < cap->size;
    switch (cap->type) {
    case CAP_TYPE_RAM:
        return other->type != CAP_TYPE_RAM || part;
    case CAP_TYPE_FRAME:
    case CAP_TYPE_DEVICE:
        return other->type == CAP_TYPE_MAPPING || part;
    case CAP_TYPE_VNODE_L4:
    case CAP_TYPE_VNODE_L3:
    case CAP_TYPE_VNODE_L2:
    case CAP_TYPE_VNODE_L1:
        return other->type == CAP_TYPE_MAPPING;
    case CAP_TYPE_DISPATCHER:
        return other->type == CAP_TYPE_ENDPOINT || other->type == CAP_TYPE_NOTIFICATION;
    case CAP_TYPE_ENDPOINT:
    case CAP_TYPE_CORE:
        return cap->extra == 0 && (part || (other->type == cap->type && other->extra != 0));
    case CAP_TYPE_IOPORT:
    case CAP_TYPE_IRQ:
        return part;
    default:
        return false;
    }
}

struct cte *mdb_copy(const struct cte *slot) {
    struct mdb_key before = mdb_key(&slot->cap, 0);
    struct cte *found = find_after(&before, ANY_END);
    if (found == slot) {
        struct mdb_key here = mdb_key(&slot->cap, (uintptr_t)slot);
        found = find_after(&here, ANY_END);
    }
    return found != NULL && mdb_is_copy(&slot->cap, &found->cap) ? found : NULL;
}

/* First leaf inside the range of `cap`. */
static struct cte *leaf_inside(const struct cap *cap) {
    struct mdb_key key = {.region = mdb_leaf_region(cap), .start = cap->base, .end = UINT64_MAX};
    return find_after(&key, (struct ends){0, mdb_end(cap)});
}

struct cte *mdb_descendant(const struct cte *slot) {
    const struct cap *cap = &slot->cap;
    struct mdb_key key = mdb_key(cap, UINTPTR_MAX);
    struct cte *found = find_after(&key, (struct ends){0, key.end});
    if (found != NULL && mdb_is_descendant(cap, &found->cap)) {
        return found;
    }
    found = leaf_inside(cap);
    return found != NULL && mdb_is_descendant(cap, &found->cap) ? found : NULL;
}

/* The innermost of the space's capabilities that contain the range of the leaf `cap`. */
static struct cte *space_around(const struct cap *cap) {
    struct mdb_key key = {.region = mdb_space_region(cap), .start = cap->base, .end = 0};
    return find_before(&key, (struct ends){mdb_end(cap), UINT64_MAX});
}

struct cte *mdb_ancestor(const struct cte *slot) {
    const struct cap *cap = &slot->cap;
    struct mdb_key key = mdb_key(cap, 0);
    if (mdb_is_leaf(cap)) { /* among leaves, only what has no badge can be one */
        key.badge = 0;
        key.address = UINTPTR_MAX;
    }
    struct cte *found = find_before(&key, (struct ends){key.end, UINT64_MAX});
    if (found != NULL && mdb_is_descendant(&found->cap, cap)) {
        return found;
    }
    if (!mdb_is_leaf(cap)) {
        return NULL;
    }
    found = space_around(cap);
    return found != NULL && mdb_is_descendant(&found->cap, cap) ? found : NULL;
}

/* First node after the key that overlaps [start, end). */
static struct cte *overlap_after(const struct mdb_key *key, uint64_t start, uint64_t end) {
    struct cte *found = find_after(key, (struct ends){start + 1, UINT64_MAX});
    return found != NULL && found->cap.base < end ? found : NULL;
}

struct cte *mdb_overlap(const struct cte *slot, uint64_t base, uint64_t size) {
    const struct cap *cap = &slot->cap;
    struct mdb_key key = mdb_key(cap, UINTPTR_MAX);
    struct cte *found = overlap_after(&key, base, base + size);
    if (found != NULL || cap->type != CAP_TYPE_RAM) {
        return found;
    }
    struct mdb_key leaves = {.region = mdb_leaf_region(cap), .start = 0, .end = UINT64_MAX};
    return overlap_after(&leaves, base, base + size);
}

struct cte *mdb_anything(const struct cap *cap) {
    struct mdb_key key = {.region = mdb_space_region(cap), .start = 0, .end = UINT64_MAX};
    struct cte *found = overlap_after(&key, cap->base, mdb_end(cap));
    key.region = mdb_leaf_region(cap);
    return found != NULL ? found : overlap_after(&key, cap->base, mdb_end(cap));
}

bool mdb_shared(const struct cap *cap, uint64_t base, uint64_t size) {
    struct mdb_key marks = {.region = MDB_SHARED, .start = 0, .end = UINT64_MAX};
    const struct cte *mark =
        cap_types[cap->type].space == SPACE_MEMORY ? overlap_after(&marks, base, base + size) : NULL;
    return mark != NULL && (mark->cap.owner != OWNER_SHARED || !mdb_is_descendant(&mark->cap, cap));
}

struct cte *mdb_mapping(paddr_t base, uint64_t size, uint64_t place) {
    struct cap wanted = cap_make(CAP_TYPE_MAPPING, base, size);
    wanted.extra = place;
    struct mdb_key key = mdb_key(&wanted, 0);
    struct cte *found = find_after(&key, ANY_END);
    return found != NULL && mdb_is_copy(&wanted, &found->cap) ? found : NULL;
}
