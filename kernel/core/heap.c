/*
 * Sifting up and down. [any textbook; Williams 1964]
 */
#include "core/heap.h"

static bool before(const struct heap_node *a, const struct heap_node *b) {
    return a->key != b->key ? a->key < b->key : a->order < b->order;
}

static void put(struct heap *heap, uint32_t place, struct heap_node *node) {
    heap->node[place] = node;
    node->place = place;
}

static void sift_up(struct heap *heap, uint32_t place, struct heap_node *node) {
    while (place > 1 && before(node, heap->node[place / 2])) {
        put(heap, place, heap->node[place / 2]);
        place /= 2;
    }
    put(heap, place, node);
}

static void sift_down(struct heap *heap, uint32_t place, struct heap_node *node) {
    for (uint32_t child; (child = 2 * place) <= heap->count; place = child) {
        if (child < heap->count && before(heap->node[child + 1], heap->node[child])) {
            child++;
        }
        if (!before(heap->node[child], node)) {
            break;
        }
        put(heap, place, heap->node[child]);
    }
    put(heap, place, node);
}

void heap_insert(struct heap *heap, struct heap_node *node) {
    KASSERT(heap->count < HEAP_MAX && node->place == 0);
    node->order = heap->inserted++;
    sift_up(heap, ++heap->count, node);
}

void heap_remove(struct heap *heap, struct heap_node *node) {
    uint32_t place = node->place;
    KASSERT(heap_contains(heap, node));
    struct heap_node *last = heap->node[heap->count--];
    node->place = 0;
    if (last == node) {
        return;
    }
    if (place > 1 && before(last, heap->node[place / 2])) {
        sift_up(heap, place, last);
    } else {
        sift_down(heap, place, last);
    }
}
