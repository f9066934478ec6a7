/*
 * What must hold between kernel entries, whatever domains have done.
 */
#include <stdio.h>
#include <stdlib.h>

#include "cap/cspace.h"
#include "cap/mdb.h"
#include "cap/mdb_key.h"
#include "cap/vnode.h"
#include "cap_host.h"
#include "x86_64/pte.h"

enum { NODES = 1 << 18 };

static const struct cte *node[NODES]; /* tree after tree, in its order */
static size_t nodes;

static void require(bool holds, const char *what) {
    if (!holds) {
        host_fail(what);
    }
}

/* Ranks and ends; fills node[]. Returns the height. */
static unsigned check_tree(unsigned region, const struct cte *n) {
    if (n == NULL) {
        return 0;
    }
    require(mdb_region(&n->cap) == region, "in the wrong tree");
    unsigned left = check_tree(region, n->left);
    require(nodes < NODES, "too many capabilities for the checker");
    node[nodes++] = n;
    unsigned right = check_tree(region, n->right);
    uint64_t low = mdb_end(&n->cap), high = low;
    for (unsigned i = 0; i < 2; i++) {
        const struct cte *child = i == 0 ? n->left : n->right;
        low = child != NULL ? MIN(low, child->min_end) : low;
        high = child != NULL ? MAX(high, child->max_end) : high;
    }
    unsigned height = n->cap.height;
    require(height > MAX(left, right) && height <= MIN(left, right) + 2, "tree out of balance");
    require(height == 1 || MAX(left, right) > 0, "a leaf of the wrong rank");
    require(n->min_end == low && n->max_end == high, "wrong ends");
    return n->cap.height;
}

static void check_order(void) {
    require(nodes == mdb_count(), "wrong count");
    for (size_t i = 0; i < nodes; i++) {
        require(cap_range_valid(&node[i]->cap), "bad capability");
        require((node[i]->cap.rights & ~RIGHT_ALL) == 0, "unknown rights");
        if (i > 0 && mdb_region(&node[i - 1]->cap) == mdb_region(&node[i]->cap)) {
            struct mdb_key key = mdb_key(&node[i - 1]->cap, (uintptr_t)node[i - 1]);
            require(mdb_key_before(&key, node[i]), "tree out of order");
        }
    }
}

/* Own capabilities that are not leaves nest, and what lies inside another is its descendant or copy. */
static void check_nesting(void) {
    static const struct cap *around[NODES];
    size_t depth = 0;
    for (size_t i = 0; i < nodes; i++) {
        const struct cap *cap = &node[i]->cap;
        if (mdb_is_leaf(cap) || cap_is_foreign(cap)) {
            continue;
        }
        while (depth > 0 &&
               (mdb_region(around[depth - 1]) != mdb_region(cap) || mdb_end(around[depth - 1]) <= cap->base)) {
            depth--;
        }
        if (depth > 0) {
            const struct cap *outer = around[depth - 1];
            require(mdb_is_descendant(outer, cap) || mdb_is_copy(outer, cap), "ranges overlap that must not");
            require((cap->type != CAP_TYPE_RAM || !mdb_is_copy(outer, cap)), "RAM was copied");
        }
        around[depth++] = cap;
    }
}

/* The first of the copies of an own object. */
static bool is_first(size_t i) {
    return !cap_is_foreign(&node[i]->cap) && (i == 0 || !mdb_is_copy(&node[i - 1]->cap, &node[i]->cap));
}

static size_t filled(const struct cte *slots, uint64_t count, bool kept) {
    size_t result = 0;
    for (uint64_t i = 0; i < count; i++) {
        if (slots[i].cap.type != CAP_TYPE_NULL) {
            require(kept == ((slots[i].cap.flags & CAP_KEPT) != 0), "wrong mark of a kept slot");
            result++;
        }
    }
    return result;
}

/* Every linked slot lies in an object that exists. */
static void check_slots(void) {
    size_t linked = machine.root.cap.type != CAP_TYPE_NULL;
    for (size_t i = 0; i < nodes; i++) {
        const struct cap *cap = &node[i]->cap;
        if (cap->type == CAP_TYPE_CNODE && is_first(i)) {
            linked += filled(cnode_slots(cap), cnode_slot_count(cap), false);
        } else if (cap->type == CAP_TYPE_DISPATCHER && is_first(i)) {
            unsigned count;
            const struct cte *slots = dispatcher_slots(cap, &count);
            linked += filled(slots, count, true);
        }
    }
    require(linked == nodes, "a slot is linked that is in no CNode, or the other way round");
}

static size_t used_entries(const struct cap *vnode) {
    const uint64_t *table = vnode_table(vnode);
    size_t used = 0;
    for (unsigned i = 0; i < vnode_entries(vnode); i++) {
        used += pte_present(table[i]);
        require(pte_present(table[i]) || table[i] == 0, "an empty entry with something in it");
    }
    for (unsigned i = PTE_ENTRIES / 2; vnode->type == CAP_TYPE_VNODE_L4 && i < PTE_ENTRIES; i++) {
        require(table[i] == (pte_table(0x1000) & ~PTE_USER), "the CPU driver's half was touched");
    }
    return used;
}

static void check_mapping(const struct cap *mapping) {
    const uint64_t *entry = (uint64_t *)mem_direct(mapping->extra & ~(PAGE_SIZE - 1)) + mapping->extra % PAGE_SIZE;
    require(mapping->span >= 1 && mapping->span <= PTE_ENTRIES, "bad span");
    for (unsigned i = 0; i < mapping->span; i++) {
        require(pte_addr(entry[i]) == mapping->base + i * (mapping->size / mapping->span), "wrong address in an entry");
        require(((entry[i] & PTE_HEAD) != 0) == (i == 0), "wrong mark in an entry");
        require((entry[i] & PTE_USER) != 0, "not a user entry");
        bool table = mapping->rights == 0;
        require(table || (entry[i] & PTE_WRITE) == 0 || (mapping->rights & RIGHT_WRITE) != 0, "writable without right");
        require(table || (entry[i] & PTE_NO_EXECUTE) != 0 || (entry[i] & PTE_WRITE) == 0, "writable and executable");
    }
}

/* Every entry in use belongs to a mapping, and every mapping to a table that exists. */
static void check_mappings(void) {
    size_t used = 0, mapped = 0;
    for (size_t i = 0; i < nodes; i++) {
        const struct cap *cap = &node[i]->cap;
        if (cap->type == CAP_TYPE_MAPPING) {
            check_mapping(cap);
            mapped += cap->span;
        } else if (cap_is_vnode(cap) && is_first(i)) {
            used += used_entries(cap);
        }
    }
    require(used == mapped, "entries without mapping, or the other way round");
}

void check(void) {
    nodes = 0;
    for (unsigned region = 0; region < MDB_REGIONS; region++) {
        check_tree(region, mdb_root(region));
    }
    check_order();
    check_nesting();
    check_slots();
    check_mappings();
}
