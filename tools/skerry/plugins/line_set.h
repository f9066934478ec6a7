/* A set of numbers of cache lines, cheap to empty. */
#ifndef SKERRY_LINE_SET_H
#define SKERRY_LINE_SET_H

#include <stdint.h>

/* Zeroed is empty. A key is in the set if its generation is the set's. */
struct line_set {
    struct line_set_slot {
        uint64_t key, generation;
    } *slots;
    uint64_t generation;
    uint32_t size, count;
};

void line_set_add(struct line_set *set, uint64_t key);
void line_set_empty(struct line_set *set);

/* What an allocation gave, or the end. */
void *need(void *memory);

#endif
