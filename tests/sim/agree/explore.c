/*
 * All interleavings of a small scenario: depth first, each state once. A state that has no more to come (but time, or a
 * crash that the scenario does not grant) is brought to its end, and what must hold in the end is checked there.
 */
#include <stdlib.h>
#include <string.h>

#include "protocol.h"

#define DEPTH 512

struct level {
    struct world world;
    struct event event[WORLD_EVENTS];
    unsigned events, next;
};

static uint64_t *seen, seen_size, seen_count;

static bool is_new(uint64_t hash) {
    hash |= 1; /* 0 is an empty place */
    uint64_t at = hash >> 7 & (seen_size - 1);
    while (seen[at] != 0 && seen[at] != hash) {
        at = (at + 1) & (seen_size - 1);
    }
    bool was_empty = seen[at] == 0;
    seen[at] = hash;
    seen_count += was_empty;
    return was_empty;
}

static void enter(struct level *level) {
    level->world = world;
    level->events = level->next = 0;
    struct event all[WORLD_EVENTS];
    unsigned n = world_events(all);
    for (unsigned i = 0; i < n; i++) {
        if (all[i].kind != EVENT_WAKE) {
            level->event[level->events++] = all[i];
        }
    }
}

/* Time and crashes may come, but need not. */
static bool may_be_the_end(const struct level *level) {
    bool end = true;
    for (unsigned i = 0; i < level->events; i++) {
        end = end && level->event[i].kind >= EVENT_TICK;
    }
    return end;
}

static void put_path(const struct level *level, unsigned depth) {
    for (unsigned i = 0; i < depth && level[i].next > 0; i++) {
        struct event event = level[i].event[level[i].next - 1];
        sim_put((uint64_t)event.kind | (uint64_t)event.a << 8 | (uint64_t)event.b << 16);
    }
}

static uint64_t ends;

static void check_the_end(void) {
    ends++;
    if (!world_drain()) {
        world_fail("it does not come to an end");
    }
    if (world_failure == NULL) {
        protocol()->check_end();
    }
}

/* One more level, or back up; the new depth. */
static unsigned advance(struct level *level, unsigned depth, uint64_t *steps) {
    struct level *top = &level[depth - 1];
    if (top->next == top->events) {
        return depth - 1;
    }
    world = top->world;
    world_do(top->event[top->next++]);
    (*steps)++;
    if (world_failure != NULL || !is_new(world_hash())) {
        return depth;
    }
    if (depth == DEPTH) {
        world_fail("the scenario is too deep");
        return depth;
    }
    enter(&level[depth]);
    if (may_be_the_end(&level[depth])) {
        check_the_end();
    }
    return depth + 1;
}

void explore(uint64_t most_states) {
    static struct level level[DEPTH];
    uint64_t steps = 0, deepest = 0;
    for (seen_size = 1; seen_size < 2 * most_states; seen_size *= 2) {
    }
    seen = calloc(seen_size, sizeof(*seen));
    seen_count = ends = 0;
    world_begin();
    is_new(world_hash());
    enter(&level[0]);
    unsigned depth = 1;
    while (depth > 0 && world_failure == NULL && seen_count < most_states) {
        depth = advance(level, depth, &steps);
        deepest = MAX(deepest, depth);
    }
    free(seen);
    sim_put(seen_count);
    sim_put(steps);
    sim_put(ends);
    sim_put(deepest);
    sim_put(depth == 0); /* complete */
    if (world_failure != NULL) {
        put_path(level, MIN(depth, DEPTH));
    }
}
