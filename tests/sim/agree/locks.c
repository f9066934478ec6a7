/*
 * Operations that lock a resource and then count: what the engine is tried with by itself, in one phase or two.
 *
 * Words: 0 the resource, 1 cores that say no, 2 cores that answer prepare() later, 3 cores that answer finish() later,
 * 4 the operation's number.
 */
#include <string.h>

#include "protocol.h"

#define RESOURCES 4
#define PENDING 8

struct lock {
    struct agree_id id;
    uint64_t stamp;
};

struct pending {
    struct agree_id id;
    uint64_t resources;
};

struct state {
    struct lock lock[RESOURCES];
    uint64_t applied[WORLD_OPS];
    struct pending pending[PENDING];
};

_Static_assert(sizeof(struct state) <= WORLD_STATE);

static struct state *state_of(unsigned core) {
    return (struct state *)world.node[core].state;
}

static bool same(struct agree_id a, struct agree_id b) {
    return a.number == b.number && a.core == b.core && a.slot == b.slot;
}

static void put_off(struct state *state, struct agree_id id) {
    for (unsigned i = 0; i < PENDING; i++) {
        if (state->pending[i].id.number == 0) {
            state->pending[i].id = id;
            return;
        }
    }
    world_fail("too much is put off");
}

static void forget(struct state *state, struct agree_id id) {
    for (unsigned i = 0; i < PENDING; i++) {
        if (same(state->pending[i].id, id)) {
            state->pending[i] = (struct pending){};
        }
    }
}

static err_t prepare(void *context, const struct agree_work *work, uint64_t *holder) {
    unsigned core = node_of(context);
    struct state *state = state_of(core);
    bool later = false;
    for (unsigned i = 0; i < work->count; i++) {
        const struct lock *lock = &state->lock[work->op[i][0]];
        if (work->op[i][1] >> core & 1) {
            return ERR_CAP_RIGHTS;
        }
        if (lock->id.number != 0) {
            *holder = *holder == 0 ? lock->stamp : MIN(*holder, lock->stamp);
        }
        later = later || (work->op[i][2] >> core & 1);
    }
    if (*holder != 0) {
        return ERR_BUSY;
    }
    for (unsigned i = 0; i < work->count; i++) {
        state->lock[work->op[i][0]] = (struct lock){work->id, work->stamp};
    }
    if (later) {
        put_off(state, work->id);
    }
    return later ? ERR_CONTINUE : ERR_OK;
}

static void unlock(struct state *state, struct agree_id id) {
    for (unsigned i = 0; i < RESOURCES; i++) {
        if (same(state->lock[i].id, id)) {
            state->lock[i] = (struct lock){};
        }
    }
}

static err_t finish(void *context, const struct agree_work *work, enum agree_end end) {
    unsigned core = node_of(context);
    struct state *state = state_of(core);
    bool later = false;
    forget(state, work->id);
    for (unsigned i = 0; i < work->count; i++) {
        bool mine = same(state->lock[work->op[i][0]].id, work->id), two = scenario.op[work->op[i][4]].phases == 2;
        HOLDS(end == AGREE_ABORT || mine || !two);
        HOLDS(end == AGREE_ABORT || !(work->op[i][1] >> core & 1));
        later = later || (work->op[i][3] >> core & 1);
        state->applied[work->op[i][4]] += end == AGREE_COMMIT;
        HOLDS(state->applied[work->op[i][4]] <= 1);
    }
    unlock(state, work->id);
    if (later) {
        put_off(state, work->id);
    }
    return later ? ERR_CONTINUE : ERR_OK;
}

/* Reported when all that are asked and live have acted, and not before. */
static void done(void *context, uint64_t cookie, err_t result) {
    uint64_t live = world.node[node_of(context)].engine.live.word[0];
    HOLDS(!world.report[cookie].reported);
    world.report[cookie] = (struct report){1, (uint64_t)result};
    for (unsigned core = 0; core < scenario.cores; core++) {
        if (world_is_whole(core) && (scenario.op[cookie].members & live) >> core & 1) {
            HOLDS(state_of(core)->applied[cookie] == (result == ERR_OK));
        }
    }
}

static bool answer(unsigned core, bool act) {
    struct state *state = state_of(core);
    for (unsigned i = 0; i < PENDING; i++) {
        struct agree_id id = state->pending[i].id;
        if (id.number != 0) {
            if (act) {
                state->pending[i] = (struct pending){};
                agree_answer(&world.node[core].engine, id, ERR_OK);
            }
            return true;
        }
    }
    return false;
}

static void begin(unsigned core) {
    (void)core;
}

static void submit(unsigned core, unsigned op) {
    struct agree_request request = request_of(op);
    request.op[4] = op;
    if (agree_submit(&world.node[core].engine, &request) != ERR_OK) {
        world_fail("the queue is too short for the scenario");
    }
}

/* No transaction is committed at one live core and aborted at another. */
static void check_outcomes(void) {
    for (unsigned i = 0; i < scenario.cores * AGREE_WINDOW; i++) {
        const struct agree_record *known = NULL;
        for (unsigned core = 0; core < scenario.cores; core++) {
            const struct agree_record *record = &world.node[core].record[i];
            if (!world_is_up(core) || record->state < AGREE_COMMITTED) {
                continue;
            }
            HOLDS(known == NULL || known->id.number != record->id.number || known->state == record->state);
            known = known == NULL || known->id.number < record->id.number ? record : known;
        }
    }
}

static void check_end(void) {
    for (unsigned op = 0; op < scenario.ops; op++) {
        const struct world_op *wish = &scenario.op[op];
        unsigned members = 0, applied = 0;
        for (unsigned core = 0; core < scenario.cores; core++) {
            members += world_is_whole(core) && wish->members >> core & 1;
            applied += world_is_whole(core) && state_of(core)->applied[op] != 0;
        }
        HOLDS(applied == 0 || applied == members);
        HOLDS(!world_is_whole((unsigned)wish->core) || world.report[op].reported);
        HOLDS(scenario.crashes + scenario.ticks + scenario.doubts != 0 || WORLD_DEADLINE(wish) < 40 ||
              !world.report[op].reported || world.report[op].result != ERR_TIMEOUT);
        HOLDS(!world.report[op].reported || (world.report[op].result == ERR_OK) == (applied == members) ||
              members == 0);
    }
    for (unsigned core = 0; core < scenario.cores; core++) {
        for (unsigned i = 0; world_is_up(core) && i < RESOURCES; i++) {
            HOLDS(state_of(core)->lock[i].id.number == 0);
        }
    }
}

static const struct agree_client client = {.prepare = prepare, .finish = finish, .done = done};

const struct protocol protocol_locks = {
    .client = {&client},
    .state = sizeof(struct state),
    .begin = begin,
    .submit = submit,
    .answer = answer,
    .check_step = check_outcomes,
    .check_end = check_end,
};
