/* Open addressing, at most three quarters full. */
#include "line_set.h"

#include <stdio.h>
#include <stdlib.h>

#define FIRST_SIZE 1024

void *need(void *memory) {
    if (memory == NULL) {
        fputs("coherence: no memory\n", stderr);
        abort();
    }
    return memory;
}

/* Where a key is, or belongs. */
static struct line_set_slot *find(const struct line_set *set, uint64_t key) {
    uint32_t at = (uint32_t)(key * 0x9e3779b97f4a7c15ul >> 32) & (set->size - 1);
    while (set->slots[at].generation == set->generation && set->slots[at].key != key) {
        at = (at + 1) & (set->size - 1);
    }
    return &set->slots[at];
}

static void grow(struct line_set *set) {
    struct line_set old = *set;
    set->size = old.size == 0 ? FIRST_SIZE : 2 * old.size;
    set->slots = need(calloc(set->size, sizeof *set->slots));
    set->generation = old.generation == 0 ? 1 : old.generation;
    for (uint32_t i = 0; i < old.size; i++) {
        if (old.slots[i].generation == set->generation) {
            *find(set, old.slots[i].key) = old.slots[i];
        }
    }
    free(old.slots);
}

void line_set_add(struct line_set *set, uint64_t key) {
    if (set->count * 4 >= set->size * 3) {
        grow(set);
    }
    struct line_set_slot *slot = find(set, key);
    set->count += slot->generation != set->generation;
    *slot = (struct line_set_slot){key, set->generation};
}

void line_set_empty(struct line_set *set) {
    set->generation++;
    set->count = 0;
}
