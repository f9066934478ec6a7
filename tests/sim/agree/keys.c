/*
 * The replicated key-value table, with a history of puts and reads that must be linearisable.
 *
 * An operation with two phases puts its number, plus one, as the value of key word 0; one with none reads that key at
 * its core (kv_read; BUSY is no answer and leaves no trace), and with word 1 by kv_get, which may be behind another core but
 * not behind what was done. Times are steps of the world.
 */
#include <skerry/kv.h>

#include "protocol.h"

#define KV_CLIENT 0
#define KEYS 2

/* Of one operation: when it began and ended (0: it has not), and the value read or put. */
struct event_times {
    uint64_t begin, end, value, result;
};

struct state {
    struct kv kv;
    struct event_times times[WORLD_OPS];
    uint64_t clock;
};

_Static_assert(sizeof(struct state) <= WORLD_STATE);

static struct state *state_of(unsigned core) {
    return (struct state *)world.node[core].state;
}

/* One clock for all cores: the latest time any of them has seen. */
static uint64_t next_time(void) {
    uint64_t now = 0;
    for (unsigned core = 0; core < scenario.cores; core++) {
        now = MAX(now, state_of(core)->clock);
    }
    for (unsigned core = 0; core < scenario.cores; core++) {
        state_of(core)->clock = now + 1;
    }
    return now + 1;
}

static void begin(unsigned core) {
    kv_init(&state_of(core)->kv, &world.node[core].engine, KV_CLIENT);
}

static void read_all(unsigned core, unsigned op) {
    struct state *state = state_of(core);
    const struct world_op *wish = &scenario.op[op];
    struct kv_key key = {{wish->word[0]}};
    uint64_t value = 0;
    err_t result = wish->word[1] ? kv_get(&state->kv, &key, &value) : kv_read(&state->kv, &key, &value);
    if (result != ERR_OK && result != ERR_NOT_FOUND) {
        return;
    }
    uint64_t now = next_time();
    state->times[op] = (struct event_times){now, now, value, ERR_OK};
}

static void submit(unsigned core, unsigned op) {
    struct state *state = state_of(core);
    const struct world_op *wish = &scenario.op[op];
    if (wish->phases == 0) {
        return read_all(core, op);
    }
    uint64_t deadline = world.node[core].engine.now + TICK_STEP * WORLD_DEADLINE(wish);
    err_t error = kv_put(&state->kv, &(struct kv_key){{wish->word[0]}}, op + 1, deadline, op);
    if (error == ERR_OK) {
        state->times[op].begin = state->times[op].begin ? state->times[op].begin : next_time();
    } else {
        world.report[op] = (struct report){1, (uint64_t)error};
    }
}

static void done(void *context, uint64_t cookie, err_t result) {
    unsigned core = node_of(context);
    HOLDS(!world.report[cookie].reported);
    world.report[cookie] = (struct report){1, (uint64_t)result};
    struct event_times *times = &state_of(core)->times[cookie];
    uint64_t now = next_time();
    *times = (struct event_times){times->begin ? times->begin : now, now, cookie + 1, (uint64_t)result};
}

static err_t prepare(void *context, const struct agree_work *work, uint64_t *holder) {
    return kv_prepare(&state_of(node_of(context))->kv, work, holder);
}

static err_t finish(void *context, const struct agree_work *work, enum agree_end end) {
    return kv_finish(&state_of(node_of(context))->kv, work, end);
}

static void note(void *context, unsigned from, const uint64_t op[AGREE_WORDS]) {
    kv_note(&state_of(node_of(context))->kv, from, op);
}

static void viewed(void *context, const struct agree_set *dead, const struct agree_set *joined) {
    (void)joined;
    kv_viewed(&state_of(node_of(context))->kv, dead);
}

/* The history of one key, from cores that live: what is to be put into an order. */
struct history {
    unsigned count;
    bool read[WORLD_OPS + 1], must[WORLD_OPS + 1];
    struct event_times at[WORLD_OPS + 1];
};

static void add_put(struct history *history, unsigned op) {
    const struct world_op *wish = &scenario.op[op];
    const struct node *node = &world.node[wish->core];
    const struct event_times *times = &state_of((unsigned)wish->core)->times[op];
    bool known = world_is_whole((unsigned)wish->core),
         failed = world.report[op].reported && world.report[op].result != 0;
    if (!(node->submitted >> op & 1) || failed) {
        return;
    }
    struct event_times at = {times->begin, times->end ? times->end : UINT64_MAX, op + 1, ERR_OK};
    history->must[history->count] = world.report[op].reported;
    if (!known) { /* its times died with it: any that began may have happened at any time */
        at.begin = 0;
        at.end = UINT64_MAX;
    }
    history->at[history->count++] = at;
}

static void add_read(struct history *history, unsigned op) {
    unsigned core = (unsigned)scenario.op[op].core;
    const struct event_times *times = &state_of(core)->times[op];
    if (world_is_whole(core) && times->begin != 0) {
        history->read[history->count] = history->must[history->count] = true;
        history->at[history->count++] = *times;
    }
}

/* Is there an order that agrees with the times, in which each read gives what was put last? Tried one by one. */
static bool is_linear(const struct history *history, unsigned left, uint64_t value) {
    uint64_t first_end = UINT64_MAX;
    bool finished = true;
    for (unsigned i = 0; i < history->count; i++) {
        if (left >> i & 1 && history->must[i]) {
            first_end = MIN(first_end, history->at[i].end);
            finished = false;
        }
    }
    for (unsigned i = 0; i < history->count && !finished; i++) {
        const struct event_times *at = &history->at[i];
        bool may = (left >> i & 1) && at->begin <= first_end && (!history->read[i] || at->value == value);
        if (may && is_linear(history, left & ~(1U << i), history->read[i] ? value : at->value)) {
            return true;
        }
    }
    return finished;
}

static void check_linear(uint64_t key, uint64_t last) {
    struct history history = {};
    for (unsigned core = 0; core < scenario.cores && history.count == 0; core++) {
        if (world_is_whole(core)) { /* what there is in the end is a read, too */
            history.read[0] = history.must[0] = true;
            history.at[history.count++] = (struct event_times){UINT64_MAX - 1, UINT64_MAX - 1, last, ERR_OK};
        }
    }
    for (unsigned op = 0; op < scenario.ops; op++) {
        const struct world_op *wish = &scenario.op[op];
        if (wish->word[0] == key && wish->phases == 2) {
            add_put(&history, op);
        } else if (wish->word[0] == key && wish->phases == 0 && wish->word[1] == 0) {
            add_read(&history, op);
        }
    }
    HOLDS(is_linear(&history, (1U << history.count) - 1, 0));
}

/* A put was done, and began after the one whose value (0: none) is read was done: then that value is too old. */
static void check_get(const struct event_times *get, uint64_t key) {
    for (unsigned op = 0; op < scenario.ops; op++) {
        const struct world_op *wish = &scenario.op[op];
        const struct event_times *put = &state_of((unsigned)wish->core)->times[op];
        bool before = wish->phases == 2 && wish->word[0] == key && world_is_whole((unsigned)wish->core) &&
                      put->end != 0 && put->result == ERR_OK && put->end < get->begin;
        if (!before || get->value == op + 1) {
            continue;
        }
        HOLDS(get->value != 0);
        const struct world_op *read = &scenario.op[get->value - 1];
        const struct event_times *source = &state_of((unsigned)read->core)->times[get->value - 1];
        HOLDS(!world_is_whole((unsigned)read->core) || source->end == 0 || source->end > put->begin);
    }
}

static void check_gets(void) {
    for (unsigned op = 0; op < scenario.ops; op++) {
        const struct world_op *wish = &scenario.op[op];
        const struct event_times *get = &state_of((unsigned)wish->core)->times[op];
        if (wish->phases == 0 && wish->word[1] != 0 && world_is_whole((unsigned)wish->core) && get->begin != 0) {
            check_get(get, wish->word[0]);
        }
    }
}

static void check_end(void) {
    for (uint64_t key = 0; key < KEYS; key++) {
        uint64_t known = 0;
        for (unsigned core = 0; core < scenario.cores; core++) {
            uint64_t value = 0;
            if (!world_is_up(core) || world.node[core].joined == 0) {
                continue;
            }
            HOLDS(state_of(core)->kv.copy.ready);
            err_t error = kv_read(&state_of(core)->kv, &(struct kv_key){{key}}, &value);
            HOLDS(error == ERR_OK || error == ERR_NOT_FOUND);
            HOLDS(known == 0 || known == value + 1);
            known = value + 1;
        }
        check_linear(key, known == 0 ? 0 : known - 1);
    }
    check_gets();
    for (unsigned op = 0; op < scenario.ops; op++) {
        bool put = scenario.op[op].phases == 2 && world_is_whole((unsigned)scenario.op[op].core);
        HOLDS(!put || world.report[op].reported);
    }
}

/* Nothing that can be said at each step goes beyond the engine's promises; they are checked with locks.c. */
static void check_step(void) {}

static const struct agree_client client = {
    .prepare = prepare,
    .finish = finish,
    .done = done,
    .note = note,
    .view = viewed,
};

const struct protocol protocol_keys = {
    .client = {&client},
    .state = sizeof(struct state),
    .begin = begin,
    .submit = submit,
    .check_step = check_step,
    .check_end = check_end,
};
