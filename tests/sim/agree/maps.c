/*
 * A domain that spans all cores (span.h); its home is core 0.
 *
 * An operation's words: 0 what (enum wish), 1 the page, 2 rights. The home's only, but for faults. A core's table is what
 * `drop` and `fill` have made of it; whoever has a translation there uses it, all the time.
 */
#include <skerry/span.h>

#include "protocol.h"

#define SPAN_CLIENT 0
#define HOME 0

enum wish { WISH_FAULT, WISH_MAP, WISH_UNMAP, WISH_PROTECT };

struct state {
    struct span span;
    uint64_t table[SPAN_PAGES]; /* 0: no translation; else its rights + 1 */
    uint64_t began[WORLD_OPS];  /* at the home: the version that an operation made */
    uint64_t safe[SPAN_PAGES];  /* at the home: of what was reported done */
};

_Static_assert(sizeof(struct state) <= WORLD_STATE);

static struct state *state_of(unsigned core) {
    return (struct state *)world.node[core].state;
}

static void drop(void *context, uint64_t page) {
    state_of(node_of(context))->table[page] = 0;
}

static void fill(void *context, uint64_t page, uint64_t frame, uint64_t rights) {
    struct state *state = state_of(node_of(context));
    HOLDS(frame == page + 1);
    state->table[page] = rights + 1;
}

static void begin(unsigned core) {
    struct span *span = &state_of(core)->span;
    span_init(span, &world.node[core].engine, SPAN_CLIENT, HOME);
    span->context = &world.node[core];
    span->drop = drop;
    span->fill = fill;
}

/* A change's transaction is submitted at once; FOREIGN of what is none. */
static err_t change(struct span *span, enum span_wish wish, unsigned op) {
    const uint64_t *word = scenario.op[op].word;
    struct span_change change = {
        .wish = wish, .range = {word[1], 1}, .rights = word[2], .topology = (enum agree_topology)scenario.topology};
    struct agree_request request;
    err_t error = span_change(span, &change, &request);
    if (error == ERR_OK) {
        request.cookie = op;
        error = agree_submit(span->agree, &request);
        HOLDS(error == ERR_OK);
    }
    return error;
}

static err_t wish_for(unsigned core, unsigned op) {
    struct span *span = &state_of(core)->span;
    const uint64_t *word = scenario.op[op].word;
    switch ((enum wish)word[0]) {
    case WISH_FAULT:
        return span_fault(span, word[1]);
    case WISH_MAP:
        return span_map(
            span, &(struct span_change){.range = {word[1], 1}, .frame = word[1] + 1, .step = 1, .rights = word[2]});
    case WISH_UNMAP:
        return change(span, SPAN_UNMAP, op);
    case WISH_PROTECT:
        return change(span, SPAN_PROTECT, op);
    }
    return ERR_ARGUMENT;
}

static void submit(unsigned core, unsigned op) {
    struct state *state = state_of(core);
    const uint64_t *word = scenario.op[op].word;
    bool changes = word[0] == WISH_UNMAP || word[0] == WISH_PROTECT;
    state->began[op] = state->span.truth[word[1]].version + 1;
    bool gone = core == HOME && world.node[core].life > 1; /* the domain has died with its home's first life */
    err_t error = gone ? ERR_PEER_DEAD : wish_for(core, op);
    if (!changes || error != ERR_OK) {
        world.report[op] = (struct report){1, (uint64_t)error};
    }
}

static void done(void *context, uint64_t cookie, err_t result) {
    struct state *state = state_of(node_of(context));
    uint64_t page = scenario.op[cookie].word[1];
    HOLDS(!world.report[cookie].reported && result == ERR_OK);
    world.report[cookie] = (struct report){1, (uint64_t)result};
    state->safe[page] = MAX(state->safe[page], state->began[cookie]);
    span_done(&state->span, &(struct span_range){page, 1});
}

static err_t prepare(void *context, const struct agree_work *work, uint64_t *holder) {
    (void)context;
    (void)work;
    (void)holder;
    return ERR_UNSUPPORTED;
}

static err_t finish(void *context, const struct agree_work *work, enum agree_end end) {
    HOLDS(end == AGREE_COMMIT);
    for (unsigned i = 0; i < work->count; i++) {
        span_finish(&state_of(node_of(context))->span, work->op[i]);
    }
    return ERR_OK;
}

static void note(void *context, unsigned from, const uint64_t op[AGREE_WORDS]) {
    span_note(&state_of(node_of(context))->span, from, op);
}

static void viewed(void *context, const struct agree_set *dead, const struct agree_set *joined) {
    (void)joined;
    span_viewed(&state_of(node_of(context))->span, dead);
}

/* No core uses a translation from before a change that was reported done; what it uses is what it was told. */
static void check_step(void) {
    for (unsigned core = 0; core < scenario.cores; core++) {
        const struct state *state = state_of(core);
        for (uint64_t page = 0; world_is_up(core) && page < SPAN_PAGES; page++) {
            const struct span_page *local = &state->span.local[page];
            HOLDS((state->table[page] != 0) == (local->mapped != 0));
            HOLDS(!local->mapped || state->table[page] == local->rights + 1);
            HOLDS(!world_is_whole(HOME) || !local->mapped || local->version >= state_of(HOME)->safe[page]);
        }
    }
}

/* And in the end all that have one have the truth; without a home nobody has any. */
static void check_end(void) {
    for (unsigned core = 0; core < scenario.cores; core++) {
        const struct state *state = state_of(core), *home = state_of(HOME);
        for (uint64_t page = 0; world_is_up(core) && page < SPAN_PAGES; page++) {
            const struct span_page *local = &state->span.local[page], *truth = &home->span.truth[page];
            HOLDS(!local->mapped || (world_is_whole(HOME) && truth->mapped && local->rights == truth->rights));
        }
    }
    for (unsigned op = 0; op < scenario.ops; op++) {
        HOLDS(!world_is_whole((unsigned)scenario.op[op].core) || world.report[op].reported);
    }
}

static const struct agree_client client = {
    .prepare = prepare,
    .finish = finish,
    .done = done,
    .note = note,
    .view = viewed,
};

const struct protocol protocol_maps = {
    .client = {&client},
    .state = sizeof(struct state),
    .begin = begin,
    .submit = submit,
    .check_step = check_step,
    .check_end = check_end,
};
