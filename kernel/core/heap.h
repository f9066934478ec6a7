/*
 * A binary heap of nodes that lie in other objects: the least key first, equal keys in the order of insertion.
 *
 * A node is in at most one heap and knows its place, so that any node can be removed in O(log n).
 */
#pragma once

#include "core/base.h"

#define HEAP_MAX 1024

struct heap_node {
    uint64_t key;
    uint64_t order; /* of insertion */
    uint32_t place; /* in the heap, from 1; 0: in none */
};

struct heap {
    struct heap_node *node[HEAP_MAX + 1]; /* from 1 */
    uint32_t count;
    uint64_t inserted;
};

/* Insert; the heap must have room (HEAP_MAX). The node's key is set by the caller and stays until it is removed. */
void heap_insert(struct heap *heap, struct heap_node *node);

/* Remove a node that is in this heap. */
void heap_remove(struct heap *heap, struct heap_node *node);

static inline struct heap_node *heap_first(const struct heap *heap) {
    return heap->count == 0 ? NULL : heap->node[1];
}

static inline bool heap_contains(const struct heap *heap, const struct heap_node *node) {
    return node->place != 0 && node->place <= heap->count && heap->node[node->place] == node;
}
