/* Insertion sort: there are few, and they come nearly sorted. */
#include "monitor/neighbours.h"

unsigned neighbours_distance(uint32_t a, uint32_t b) {
    return a == b ? 0 : 32u - (unsigned)__builtin_clz(a ^ b);
}

static uint32_t gap(coreid_t a, coreid_t b) {
    return a > b ? a - b : b - a;
}

static bool before(const struct neighbour *self, const struct neighbour *a, const struct neighbour *b) {
    unsigned far_a = neighbours_distance(self->apic, a->apic), far_b = neighbours_distance(self->apic, b->apic);
    if (far_a != far_b) {
        return far_a < far_b;
    }
    uint32_t gap_a = gap(self->id, a->id), gap_b = gap(self->id, b->id);
    return gap_a != gap_b ? gap_a < gap_b : a->id < b->id;
}

void neighbours_sort(const struct neighbour *self, struct neighbour *others, unsigned count) {
    for (unsigned i = 1; i < count; i++) {
        struct neighbour moving = others[i];
        unsigned at = i;
        for (; at > 0 && before(self, &moving, &others[at - 1]); at--) {
            others[at] = others[at - 1];
        }
        others[at] = moving;
    }
}
