/*
 * Owners and holders of capabilities (owner.h), changed from all cores at once.
 *
 * Object n is created at core n, its home. An operation's words: 0 the change, 1 the object, 2 the target. Each core knows
 * whether it has a descendant of an object; of the objects' owners no core knows that of another.
 */
#include <skerry/owner.h>

#include "protocol.h"

#define OWNER_CLIENT 0
#define NAMES 2

struct state {
    struct owners owners;
    uint64_t revoked_at[NAMES]; /* generation that the last revoke from here has made */
    uint64_t child[NAMES];      /* yes or no: what this core has retyped */
};

_Static_assert(sizeof(struct state) <= WORLD_STATE);

static struct state *state_of(unsigned core) {
    return (struct state *)world.node[core].state;
}

static const struct owner_object *object_at(unsigned core, uint64_t name) {
    return world_is_up(core) && world.node[core].joined ? owner_find(&state_of(core)->owners, name) : NULL;
}

static err_t refuses(void *context, const struct owner_operation *operation) {
    const struct state *state = context;
    return operation->name < NAMES && state->child[operation->name] ? ERR_RETYPE_BUSY : ERR_OK;
}

static void begin(unsigned core) {
    struct state *state = state_of(core);
    *state = (struct state){.owners = {.refuses = refuses, .context = state}};
    owner_init(&state->owners, &world.node[core].engine, OWNER_CLIENT);
    if (core < NAMES && world.node[core].life == 1 && owner_create(&state->owners, core) != ERR_OK) {
        world_fail("an object is refused");
    }
}

static void submit(unsigned core, unsigned op) {
    const struct world_op *wish = &scenario.op[op];
    uint64_t deadline = world.node[core].engine.now + TICK_STEP * WORLD_DEADLINE(wish);
    struct owner_wish what = {
        .change = (enum owner_change)wish->word[0], .name = wish->word[1], .target = (unsigned)wish->word[2]};
    struct agree_request request;
    err_t error = owner_request(&state_of(core)->owners, &what, &request);
    request.deadline = deadline;
    request.cookie = op;
    error = error == ERR_OK ? agree_submit(&world.node[core].engine, &request) : error;
    if (error != ERR_OK) {
        world.report[op] = (struct report){1, (uint64_t)error};
    }
}

/* Nobody has a copy or a descendant from before it. */
static void check_revoked(unsigned by, uint64_t name) {
    uint64_t live = world.node[by].engine.live.word[0];
    for (unsigned core = 0; core < scenario.cores; core++) {
        const struct owner_object *object = (live >> core & 1) ? object_at(core, name) : NULL;
        bool judged = core != by && object != NULL && object->by.number == 0;
        HOLDS(!judged || object->generation > state_of(by)->revoked_at[name]);
        bool after = judged && object->generation > state_of(by)->revoked_at[name] + 1;
        HOLDS(!(live >> core & 1) || core == by || object == NULL || after || object->by.number != 0 ||
              !state_of(core)->child[name]);
    }
}

/* One core has made something of it, and no other has. */
static void check_retyped(unsigned by, uint64_t name) {
    for (unsigned core = 0; core < scenario.cores; core++) {
        bool lives = (world.node[by].engine.live.word[0] >> core & 1) && world_is_up(core) && world.node[core].joined;
        HOLDS(core == by || !lives || !state_of(core)->child[name]);
    }
}

static void done(void *context, uint64_t cookie, err_t result) {
    unsigned core = node_of(context);
    if (cookie == OWNER_CLAIM) {
        return;
    }
    HOLDS(!world.report[cookie].reported);
    world.report[cookie] = (struct report){1, (uint64_t)result};
    if (result == ERR_OK && scenario.op[cookie].word[0] == OWNER_REVOKE) {
        check_revoked(core, scenario.op[cookie].word[1]);
    }
}

static err_t start(void *context, struct agree_request *request) {
    return owner_begin(&state_of(node_of(context))->owners, request);
}

static err_t prepare(void *context, const struct agree_work *work, uint64_t *holder) {
    return owner_prepare(&state_of(node_of(context))->owners, work, holder);
}

/* What a monitor does with its CPU driver. */
static void act(unsigned core, const struct owner_operation *operation) {
    struct state *state = state_of(core);
    bool mine = operation->target == core;
    if (operation->change == OWNER_REVOKE) {
        state->child[operation->name] = false;
        state->revoked_at[operation->name] = mine ? operation->generation : state->revoked_at[operation->name];
    } else if (operation->change == OWNER_RETYPE && mine) {
        check_retyped(core, operation->name);
        state->child[operation->name] = true;
    } else if (operation->change == OWNER_DELETE && mine) {
        HOLDS(!state->child[operation->name]);
    }
}

static err_t finish(void *context, const struct agree_work *work, enum agree_end end) {
    unsigned core = node_of(context);
    struct state *state = state_of(core);
    struct owner_operation operation;
    if (end == AGREE_COMMIT && owner_read(&state->owners, work->op[0], &operation)) {
        act(core, &operation);
    }
    return owner_finish(&state->owners, work, end);
}

static void viewed(void *context, const struct agree_set *dead, const struct agree_set *joined) {
    (void)dead;
    (void)joined;
    owner_viewed(&state_of(node_of(context))->owners);
}

/* Two that hold the same generation of an object know the same of it. */
static void check_pair(const struct owner_object *a, const struct owner_object *b) {
    bool comparable =
        a != NULL && b != NULL && a->by.number == 0 && b->by.number == 0 && a->generation == b->generation;
    HOLDS(!comparable || a->owner == b->owner);
}

static void check_name(uint64_t name) {
    unsigned owners = 0;
    for (unsigned core = 0; core < scenario.cores; core++) {
        bool lives = world_is_up(core) && world.node[core].joined;
        owners += lives && owner_may_use(&state_of(core)->owners, name);
        for (unsigned other = 0; other < core; other++) {
            check_pair(object_at(core, name), object_at(other, name));
        }
    }
    HOLDS(owners <= 1);
}

static void check_step(void) {
    for (uint64_t name = 0; name < NAMES; name++) {
        check_name(name);
    }
}

/* The creator's copy may be gone while it lives. */
static bool may_be_deleted(uint64_t name) {
    bool deleted = false;
    for (unsigned op = 0; op < scenario.ops; op++) {
        const uint64_t *word = scenario.op[op].word;
        deleted = deleted || (word[1] == name && (word[0] == OWNER_DELETE || word[0] == OWNER_REVOKE));
    }
    return deleted;
}

/* Who has a copy is who all of them think has one; one of them is the owner, and at most one has a descendant. */
static void check_name_at_end(uint64_t name) {
    uint64_t having = 0, children = 0;
    for (unsigned core = 0; core < scenario.cores; core++) {
        having |= (uint64_t)(object_at(core, name) != NULL) << core;
    }
    for (unsigned core = 0; core < scenario.cores; core++) {
        const struct owner_object *object = object_at(core, name);
        if (object != NULL) {
            HOLDS(object->by.number == 0);
            HOLDS(object->holders.word[0] == having);
            HOLDS(having >> object->owner & 1);
            HOLDS(object->home == OWNER_NOBODY || having >> object->home & 1);
            children += state_of(core)->child[name];
        }
    }
    HOLDS(children <= 1);
    bool creator_lives = name < scenario.cores && world_is_whole((unsigned)name);
    HOLDS(having != 0 || !creator_lives || may_be_deleted(name));
}

static void check_end(void) {
    for (uint64_t name = 0; name < NAMES; name++) {
        check_name_at_end(name);
    }
    for (unsigned op = 0; op < scenario.ops; op++) {
        HOLDS(!world_is_whole((unsigned)scenario.op[op].core) || world.report[op].reported);
    }
}

static const struct agree_client client = {
    .begin = start,
    .prepare = prepare,
    .finish = finish,
    .done = done,
    .view = viewed,
};

const struct protocol protocol_caps = {
    .client = {&client},
    .state = sizeof(struct state),
    .begin = begin,
    .submit = submit,
    .check_step = check_step,
    .check_end = check_end,
};
