/*
 * Membership at the simulated cores: probes, fences that take hold some time after they were sent, cores that are started
 * again; and what must hold of views.
 */
#include "protocol.h"

static struct membership_config config[WORLD_CORES];

static struct membership *membership_of(const void *context) {
    return &world.node[node_of(context)].membership;
}

static void fence(void *context, unsigned core) {
    world.node[node_of(context)].fences |= 1UL << core;
}

void member_begin(unsigned core) {
    struct node *node = &world.node[core];
    config[core] = (struct membership_config){
        .client = MEMBER_CLIENT,
        .patience = TICK_STEP,
        .context = node,
        .fence = fence,
    };
    node->joined = node->engine.live.word[0] != 0 ? node->engine.epoch : 0;
    node->fences = 0;
    membership_init(&node->membership, &config[core], &node->engine);
}

/* The machine lets the lower one win when two cores fence each other. */
bool member_may_fence(unsigned fencer, unsigned core) {
    bool sent = world.node[fencer].fences >> core & 1, crossed = world.node[core].fences >> fencer & 1;
    return sent && !(crossed && core < fencer && world_is_up(core));
}

void member_fence(unsigned fencer, unsigned core) {
    world.node[fencer].fences &= ~(1UL << core);
    world.node[core].up = 0;
    if (world_is_up(fencer)) {
        membership_fenced(&world.node[fencer].membership, core);
    }
}

static unsigned starter(void) {
    unsigned core = 0;
    while (core < scenario.cores && !(world_is_up(core) && world.node[core].joined != 0)) {
        core++;
    }
    return core;
}

bool member_may_restart(unsigned core) {
    unsigned by = starter();
    return !world_is_up(core) && by < scenario.cores && !agree_has(&world.node[by].engine.live, core) &&
           !world.node[by].engine.recovering && (protocol()->may_restart == NULL || protocol()->may_restart(core, by));
}

void member_restart(unsigned core) {
    unsigned by = starter();
    for (unsigned other = 0; other < scenario.cores; other++) {
        world.node[other].fences &= ~(1UL << core);
        world_purge(core, other);
    }
    world_core_begin(core, world.node[by].engine.epoch, 0);
    world.node[core].starter = by;
    world.node[core].starter_life = world.node[by].life;
    struct agree_set one = {};
    agree_add(&one, core);
    membership_join(&world.node[by].membership, &one);
}

static err_t prepare(void *context, const struct agree_work *work, uint64_t *holder) {
    (void)holder;
    return membership_prepare(membership_of(context), work);
}

static err_t finish(void *context, const struct agree_work *work, enum agree_end end) {
    return membership_finish(membership_of(context), work, end);
}

static void done(void *context, uint64_t cookie, err_t result) {
    (void)cookie;
    membership_done(membership_of(context), result);
}

static void note(void *context, unsigned from, const uint64_t op[AGREE_WORDS]) {
    membership_note(membership_of(context), from, op);
}

/* A core that is let in finds nothing in flight. */
static bool has_begun_something(const struct agree *engine) {
    bool something = false;
    for (unsigned i = 0; i < scenario.cores * AGREE_WINDOW; i++) {
        const struct agree_record *record = &engine->record[i];
        bool own = record->id.core == engine->config->self && !(record->flags & AGREE_URGENT);
        something = something || (own && record->id.number != 0 && (record->phase != 2 || !record->told));
    }
    return something;
}

/* Channels with the dead are closed. */
static void viewed(void *context, const struct agree_set *dead, const struct agree_set *joined) {
    unsigned core = node_of(context);
    struct node *node = &world.node[core];
    HOLDS(agree_empty(joined) || node->joined == 0 || !has_begun_something(&node->engine));
    node->joined = node->joined == 0 ? node->engine.epoch : node->joined;
    AGREE_FOR_EACH(other, dead) {
        world_purge(core, other);
    }
    membership_viewed(&node->membership);
}

static void recovered(void *context) {
    membership_recovered(membership_of(context));
}

const struct agree_client member_client = {
    .prepare = prepare,
    .finish = finish,
    .done = done,
    .note = note,
    .view = viewed,
    .recovered = recovered,
};

/* Two cores never differ about what an epoch means, and nobody is declared dead who still takes part. */
static void check_pair(unsigned a, unsigned b) {
    const struct node *one = &world.node[a], *other = &world.node[b];
    HOLDS(one->engine.epoch != other->engine.epoch || agree_same(&one->engine.live, &other->engine.live));
    HOLDS(agree_has(&one->engine.live, b) || other->joined > one->engine.epoch);
}

void member_check(void) {
    for (unsigned a = 0; a < scenario.cores; a++) {
        for (unsigned b = 0; b < scenario.cores; b++) {
            bool both = world_is_up(a) && world_is_up(b) && world.node[a].joined && world.node[b].joined;
            if (a != b && both) {
                check_pair(a, b);
            }
        }
    }
}

/* Its starter has died before it could be let in: it will have to be started again. */
static bool is_forlorn(unsigned core) {
    const struct node *node = &world.node[core], *starter = &world.node[node->starter];
    return node->joined == 0 && !(starter->up && starter->life == node->starter_life);
}

/* All that run are in one view, and nobody else is. */
bool member_agreed(void) {
    uint64_t up = 0;
    bool agreed = true;
    for (unsigned core = 0; core < scenario.cores; core++) {
        up |= (uint64_t)(world_is_up(core) && !is_forlorn(core)) << core;
    }
    for (unsigned core = 0; core < scenario.cores; core++) {
        agreed = agreed && (!(up >> core & 1) || world.node[core].engine.live.word[0] == up);
    }
    return agreed;
}
