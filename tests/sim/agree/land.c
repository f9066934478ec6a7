/*
 * Who owns which memory (land.h): chunks change hands, cores die and come back, and the home takes over what the dead had, as the
 * monitor does it (its ownership.c, gifts.c, memory.c, stopping.c, gone.c).
 *
 * An operation's words: 0 the first chunk, 1 how many, 2 to whom. Its core gives them away if it uses them all by then, whether
 * or not the other is alive: by the home to a core that does not run, it is what that is born with. What comes is used a step later, as the monitor's fibre does. Chunk n is core n's at first, and
 * wraps round.
 */
#include <skerry/land.h>

#include "protocol.h"

#define LAND_CLIENT 0
#define GONE_CLIENT 1
#define CHUNKS 4
#define COOKIE_GONE 100
#define COOKIE_TAKE 101

/* How far the home is with one of the dead, and with one that it starts. */
enum burial { BURIAL_NONE, BURIAL_LETTING_GO, BURIAL_MAY_TAKE, BURIAL_TAKING, BURIAL_TAKEN };
enum start { START_GIVING, START_READY, START_RUNS };

struct state {
    struct land land;
    uint64_t uses, arrived; /* masks of chunks */
    uint64_t home, anew;
    uint64_t burial, buried;  /* which core */
    uint64_t starting, stage; /* at the home: the core that it starts, or AGREE_NOBODY, and how far that is */
    struct land_run taking;
};

_Static_assert(sizeof(struct state) <= WORLD_STATE);

static struct state *state_of(unsigned core) {
    return (struct state *)world.node[core].state;
}

static bool has_record(unsigned core) {
    return world_is_up(core) && world.node[core].joined && state_of(core)->land.copy.ready;
}

static uint64_t mask_of(const struct land_run *run) {
    return ((1UL << run->count) - 1) << run->first;
}

/* Nobody was left that had the record: what is nobody's by it is lost for good. */
static bool has_begun_anew(void) {
    bool anew = false;
    for (unsigned core = 0; core < scenario.cores; core++) {
        anew = anew || (world_is_up(core) && state_of(core)->anew);
    }
    return anew;
}

static void look_for_loss(unsigned core) {
    for (unsigned other = 0; state_of(core)->land.copy.anew && other < scenario.cores; other++) {
        state_of(other)->anew = true;
    }
}

static void arrived(struct land *land, const struct land_run *run) {
    struct state *state = (struct state *)land; /* its first member */
    HOLDS(((state->uses | state->arrived) & mask_of(run)) == 0);
    state->arrived |= mask_of(run);
}

static void own(struct state *state, uint64_t chunk, unsigned owner, unsigned core) {
    struct land_run run = {.first = chunk, .count = 1, .owner = owner};
    land_set(&state->land, &run);
    state->uses |= (uint64_t)(owner == core) << chunk;
}

/* Started by the home, with what it was given. */
static void be_born(unsigned core) {
    for (unsigned by = 0; by < scenario.cores; by++) {
        struct state *home = state_of(by);
        if (by == core || !has_record(by) || home->home != by) {
            continue;
        }
        for (uint64_t chunk = 0; chunk < CHUNKS; chunk++) {
            if (land_owner(&home->land, chunk) == core) {
                own(state_of(core), chunk, core, core);
            }
        }
        home->starting = core;
        home->stage = START_RUNS;
    }
}

static void begin(unsigned core) {
    struct state *state = state_of(core);
    state->starting = AGREE_NOBODY;
    state->anew = has_begun_anew();
    land_init(&state->land, &world.node[core].engine, LAND_CLIENT);
    state->land.arrived = arrived;
    if (world.node[core].life > 1) {
        return be_born(core);
    }
    for (uint64_t chunk = 0; chunk < CHUNKS; chunk++) {
        own(state, chunk, (unsigned)(chunk % scenario.cores), core);
    }
}

/* Gives away */

static err_t change(unsigned core, const struct land_run *run, uint64_t cookie) {
    struct agree_request request;
    land_request(&state_of(core)->land, LAND_RAM, (uint64_t[]){run->first, run->count, run->owner}, &request);
    request.topology = (uint16_t)scenario.topology;
    request.cookie = cookie;
    return agree_submit(&world.node[core].engine, &request);
}

/* The home does one thing at a time. */
static void start(unsigned core, unsigned other) {
    struct state *state = state_of(core);
    bool may = state->home == core && state->burial == BURIAL_NONE && state->starting == AGREE_NOBODY;
    if (may && !world_is_up(other) && !agree_has(&world.node[core].engine.live, other) &&
        land_count(&state->land, other) == 0) {
        state->starting = other;
        state->stage = START_GIVING;
    }
}

static void submit(unsigned core, unsigned op) {
    struct state *state = state_of(core);
    const uint64_t *word = scenario.op[op].word;
    struct land_run run = {.first = word[0], .count = word[1], .owner = word[2]};
    uint64_t mask = mask_of(&run);
    err_t error = (state->uses & mask) != mask || word[2] == core ? ERR_NOT_FOUND : ERR_OK;
    if (error == ERR_OK) {
        start(core, (unsigned)word[2]);
        state->uses &= ~mask;
        error = change(core, &run, op);
        state->uses |= error == ERR_OK ? 0 : mask;
    }
    if (error != ERR_OK) {
        world.report[op] = (struct report){1, (uint64_t)error};
        state->starting = state->starting == word[2] ? (uint64_t)AGREE_NOBODY : state->starting;
    }
}

/* Receives */

static bool adopt(struct state *state, bool act) {
    bool any = state->arrived != 0;
    if (act) {
        state->uses |= state->arrived;
        state->arrived = 0;
    }
    return any;
}

/* Buries */

static unsigned next_dead(unsigned core) {
    const struct state *state = state_of(core);
    const struct node *node = &world.node[core];
    for (unsigned other = 0; state->home == core && other < scenario.cores; other++) {
        if (!agree_has(&node->engine.live, other) && state->starting != other && land_count(&state->land, other) != 0) {
            return other;
        }
    }
    return AGREE_NOBODY;
}

static void let_go(unsigned core, unsigned dead) {
    struct agree_request request = {
        .client = GONE_CLIENT,
        .phases = 1,
        .topology = (uint16_t)scenario.topology,
        .flags = AGREE_EVERYONE | AGREE_ALONE | AGREE_AFTER_THE_DEAD,
        .cookie = COOKIE_GONE,
        .op = {dead},
    };
    world.node[dead].up = 0; /* by force: it may have been about to start when the last home died */
    state_of(core)->burial = BURIAL_LETTING_GO;
    state_of(core)->buried = dead;
    if (agree_submit(&world.node[core].engine, &request) != ERR_OK) {
        state_of(core)->burial = BURIAL_NONE;
    }
}

/* The record first. */
static void take(unsigned core) {
    struct state *state = state_of(core);
    state->burial = BURIAL_NONE;
    if (land_next(&state->land, (unsigned)state->buried, 0, &state->taking)) {
        state->taking.owner = core;
        state->burial = BURIAL_TAKING;
        if (change(core, &state->taking, COOKIE_TAKE) != ERR_OK) {
            state->burial = BURIAL_NONE;
        }
    }
}

static bool bury(unsigned core, bool act) {
    struct state *state = state_of(core);
    bool idle = state->burial == BURIAL_NONE && state->starting == AGREE_NOBODY;
    unsigned dead = idle ? next_dead(core) : AGREE_NOBODY;
    if (act && dead != AGREE_NOBODY) {
        let_go(core, dead);
    } else if (act && state->burial == BURIAL_TAKEN) {
        HOLDS(((state->uses | state->arrived) & mask_of(&state->taking)) == 0);
        state->uses |= mask_of(&state->taking);
        state->burial = BURIAL_MAY_TAKE;
    } else if (act && state->burial == BURIAL_MAY_TAKE) {
        take(core);
    }
    return dead != AGREE_NOBODY || state->burial == BURIAL_TAKEN || state->burial == BURIAL_MAY_TAKE;
}

/* A start that comes to nothing: what it was for is one of the dead. */
static bool give_up(unsigned core, bool act) {
    struct state *state = state_of(core);
    bool starts = state->starting != AGREE_NOBODY;
    bool fails = starts && (state->stage == START_READY ||
                            (state->stage == START_RUNS && !world_is_up((unsigned)state->starting)));
    if (act && fails) {
        state->starting = AGREE_NOBODY;
    }
    return fails;
}

static bool answer(unsigned core, bool act) {
    return give_up(core, act) || adopt(state_of(core), act) || (has_record(core) && bury(core, act));
}

/* By the home, when it has taken back its last life's memory, and given it some for its next. */
static bool may_restart(unsigned core, unsigned by) {
    const struct state *state = state_of(by);
    bool idle = has_record(by) && state->home == by && state->burial == BURIAL_NONE;
    bool bare = state->starting == AGREE_NOBODY && land_count(&state->land, core) == 0;
    return idle && (bare || (state->starting == core && state->stage == START_READY));
}

/* The engine's clients */

static err_t prepare(void *context, const struct agree_work *work, uint64_t *holder) {
    (void)context, (void)work, (void)holder;
    return ERR_UNSUPPORTED;
}

static void done(void *context, uint64_t cookie, err_t result) {
    struct state *state = state_of(node_of(context));
    HOLDS(result == ERR_OK);
    if (cookie == COOKIE_GONE) {
        state->burial = BURIAL_MAY_TAKE;
    } else if (cookie == COOKIE_TAKE) {
        state->burial = BURIAL_TAKEN;
    } else {
        HOLDS(!world.report[cookie].reported);
        world.report[cookie] = (struct report){1, (uint64_t)result};
        bool starts = state->starting == scenario.op[cookie].word[2] && state->stage == START_GIVING;
        state->stage = starts ? START_READY : state->stage;
    }
}

static err_t finish(void *context, const struct agree_work *work, enum agree_end end) {
    HOLDS(end == AGREE_COMMIT);
    land_finish(&state_of(node_of(context))->land, work, end);
    return ERR_OK;
}

static void note(void *context, unsigned from, const uint64_t op[AGREE_WORDS]) {
    land_note(&state_of(node_of(context))->land, from, op);
    look_for_loss(node_of(context));
}

static void viewed(void *context, const struct agree_set *dead, const struct agree_set *joined) {
    unsigned core = node_of(context);
    struct state *state = state_of(core);
    const struct agree_set *live = &world.node[core].engine.live;
    if (!state->land.copy.began) {
        state->home = state_of((unsigned)world.node[core].starter)->home;
    }
    if (!agree_has(live, (unsigned)state->home)) {
        state->home = agree_lowest(live);
    }
    if (state->starting != AGREE_NOBODY && agree_has(live, (unsigned)state->starting)) {
        state->starting = AGREE_NOBODY;
    }
    land_viewed(&state->land, dead, joined);
    look_for_loss(core);
}

static err_t gone_finish(void *context, const struct agree_work *work, enum agree_end end) {
    (void)context, (void)work, (void)end;
    return ERR_OK;
}

static const struct agree_client land_client = {
    .prepare = prepare,
    .finish = finish,
    .done = done,
    .note = note,
    .view = viewed,
};

static const struct agree_client gone_client = {
    .prepare = prepare,
    .finish = gone_finish,
    .done = done,
};

/* What must hold */

static bool covers(const struct agree_record *record, uint64_t chunk) {
    bool any = false;
    for (unsigned i = 0; record->client == LAND_CLIENT && i < record->count; i++) {
        any = any || (chunk >= record->op[i][1] && chunk - record->op[i][1] < record->op[i][2]);
    }
    return any;
}

static bool has_acted(unsigned core, const struct agree_record *record, unsigned index) {
    const struct agree_record *own = &world.node[core].record[index];
    return own->id.number > record->id.number || (own->id.number == record->id.number && own->state == AGREE_COMMITTED);
}

/* Its coordinator has not heard of its end; or, when that is dead, not all its members have acted on it. */
static bool is_open(const struct agree_record *record, unsigned index) {
    const struct node *by = &world.node[record->id.core];
    const struct agree_record *own = &by->record[index];
    bool open = by->up && own->id.number == record->id.number && !(own->phase == 2 && own->told);
    for (unsigned core = 0; core < scenario.cores; core++) {
        open = open || (has_record(core) && agree_has(&record->members, core) && !has_acted(core, record, index));
    }
    return open;
}

static bool is_changing(uint64_t chunk) {
    bool changing = false;
    for (unsigned core = 0; core < scenario.cores; core++) {
        for (unsigned i = 0; world_is_up(core) && i < scenario.cores * AGREE_WINDOW; i++) {
            const struct agree_record *record = &world.node[core].record[i];
            changing = changing || (record->id.number != 0 && covers(record, chunk) && is_open(record, i));
        }
    }
    return changing;
}

static unsigned users_of(uint64_t chunk) {
    unsigned users = 0;
    for (unsigned core = 0; core < scenario.cores; core++) {
        users += world_is_up(core) && (state_of(core)->uses >> chunk & 1);
    }
    return users;
}

static void check_agreement(uint64_t chunk) {
    unsigned known = AGREE_NOBODY;
    for (unsigned core = 0; core < scenario.cores; core++) {
        if (has_record(core)) {
            unsigned owner = land_owner(&state_of(core)->land, chunk);
            HOLDS(known == AGREE_NOBODY || known == owner);
            known = owner;
        }
    }
}

static void check_step(void) {
    for (uint64_t chunk = 0; chunk < CHUNKS; chunk++) {
        HOLDS(users_of(chunk) <= 1);
        if (!is_changing(chunk) && !has_begun_anew()) {
            check_agreement(chunk);
        }
    }
}

/* Whom this core's record names uses it. */
static void check_owner(unsigned core, uint64_t chunk) {
    unsigned owner = land_owner(&state_of(core)->land, chunk);
    HOLDS(owner < scenario.cores && world_is_up(owner) && (state_of(owner)->uses >> chunk & 1));
}

static void check_end(void) {
    for (unsigned core = 0; core < scenario.cores; core++) {
        HOLDS(!world_is_up(core) || !world.node[core].joined || state_of(core)->land.copy.ready);
        for (uint64_t chunk = 0; has_record(core) && chunk < CHUNKS && !has_begun_anew(); chunk++) {
            check_owner(core, chunk);
        }
    }
    for (unsigned op = 0; op < scenario.ops; op++) {
        HOLDS(!world_is_whole((unsigned)scenario.op[op].core) || world.report[op].reported);
    }
}

const struct protocol protocol_land = {
    .client = {&land_client, &gone_client},
    .state = sizeof(struct state),
    .begin = begin,
    .submit = submit,
    .answer = answer,
    .may_restart = may_restart,
    .check_step = check_step,
    .check_end = check_end,
};
