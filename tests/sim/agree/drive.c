/* One schedule: by a list of choices, or by a seed. Then everything is brought to its end. */
#include "protocol.h"

static void finish(void) {
    if (world_failure == NULL && !world_drain()) {
        world_fail("it does not come to an end");
    }
    if (world_failure == NULL) {
        protocol()->check_end();
    }
}

/* Without wake-ups for nothing, which would only dilute the choice. */
static unsigned without_wakes(struct event *list, unsigned n) {
    unsigned kept = 0;
    for (unsigned i = 0; i < n; i++) {
        if (list[i].kind != EVENT_WAKE) {
            list[kept++] = list[i];
        }
    }
    return kept;
}

void drive_choices(const uint64_t *choice, size_t count) {
    struct event list[WORLD_EVENTS];
    world_begin();
    world_traced = true;
    for (size_t i = 0; i < count && world_failure == NULL; i++) {
        unsigned n = without_wakes(list, world_events(list));
        if (n == 0) {
            break;
        }
        world_do(list[choice[i] % n]);
    }
    finish();
}

static uint64_t random_next(uint64_t *state) {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static const uint8_t weight[EVENT_KINDS] = {
    [EVENT_DELIVER] = 12, [EVENT_SUBMIT] = 6,  [EVENT_ANSWER] = 6, [EVENT_TELL] = 4,
    [EVENT_DECLARE] = 3,  [EVENT_FENCE] = 4,   [EVENT_TICK] = 1,   [EVENT_WAKE] = 1,
    [EVENT_CRASH] = 1,    [EVENT_RESTART] = 2, [EVENT_DOUBT] = 1,
};

/* One core is slow in each schedule: what happens there is less likely. */
static unsigned pick(const struct event *list, unsigned n, uint64_t *random, unsigned slow) {
    unsigned sum = 0, at[WORLD_EVENTS];
    for (unsigned i = 0; i < n; i++) {
        unsigned core = list[i].kind == EVENT_DELIVER ? list[i].b : list[i].a;
        sum += core == slow ? 1 : weight[list[i].kind];
        at[i] = sum;
    }
    unsigned draw = (unsigned)(random_next(random) >> 16) % sum, i = 0;
    while (at[i] <= draw) {
        i++;
    }
    return i;
}

/* But wake-ups for nothing. */
static bool nothing_left(const struct event *list, unsigned n) {
    bool nothing = true;
    for (unsigned i = 0; i < n; i++) {
        nothing = nothing && list[i].kind == EVENT_WAKE;
    }
    return nothing;
}

void drive_seed(uint64_t seed, uint64_t steps, bool trace) {
    struct event list[WORLD_EVENTS];
    uint64_t random = seed * 0x9e3779b97f4a7c15UL | 1;
    unsigned slow = (unsigned)(random_next(&random) >> 20) % (unsigned)(2 * scenario.cores);
    world_begin();
    world_traced = trace;
    for (uint64_t i = 0; i < steps && world_failure == NULL; i++) {
        unsigned n = world_events(list);
        if (nothing_left(list, n)) {
            break;
        }
        world_do(list[pick(list, n, &random, slow)]);
    }
    finish();
}
