/* See world.h. */
#include "world.h"

#include <string.h>

#include "protocol.h"

struct world world;
struct scenario scenario;
const char *world_failure;
bool world_traced;

static struct agree_config config[WORLD_CORES];
static struct agree_tree tree[AGREE_TOPOLOGIES][WORLD_CORES];
static struct agree_branches branches;
void world_fail(const char *what) {
    world_failure = world_failure == NULL ? what : world_failure;
}

const struct protocol *protocol(void) {
    static const struct protocol *const all[PROTOCOLS] = {&protocol_locks, &protocol_keys,  &protocol_caps,
                                                          &protocol_maps,  &protocol_texts, &protocol_land};
    return all[scenario.protocol];
}

unsigned node_of(const void *context) {
    return (unsigned)((const struct node *)context - world.node);
}

struct agree_request request_of(unsigned op) {
    const struct world_op *wish = &scenario.op[op];
    struct agree_request request = {
        .phases = (uint16_t)wish->phases,
        .topology = (uint16_t)scenario.topology,
        .flags = wish->flags % 256,
        .members.word[0] = wish->members,
        .deadline = world.node[wish->core].engine.now + TICK_STEP * WORLD_DEADLINE(wish),
        .cookie = op,
    };
    memcpy(request.op, wish->word, sizeof(request.op));
    return request;
}

/* The network */

static void send(void *context, unsigned to, const struct agree_message *message) {
    if (world.flights == WORLD_FLIGHTS) {
        return world_fail("messages without end");
    }
    struct flight *flight = &world.flight[world.flights++];
    flight->from = node_of(context);
    flight->to = to;
    flight->message = *message;
    for (unsigned i = MAX(message->count, 1); i < AGREE_BATCH; i++) { /* it says nothing, and is not hashed */
        memset(flight->message.op[i], 0, sizeof(flight->message.op[i]));
    }
}

const struct agree_message *world_first(unsigned from, unsigned to) {
    for (uint64_t i = 0; i < world.flights; i++) {
        if (world.flight[i].from == from && world.flight[i].to == to) {
            return &world.flight[i].message;
        }
    }
    return NULL;
}

static struct agree_message take_first(unsigned from, unsigned to) {
    struct agree_message message = *world_first(from, to);
    uint64_t i = 0;
    while (world.flight[i].from != from || world.flight[i].to != to) {
        i++;
    }
    world.flights--;
    memmove(&world.flight[i], &world.flight[i + 1], (world.flights - i) * sizeof(struct flight));
    return message;
}

static void deliver(unsigned from, unsigned to) {
    struct agree_message message = take_first(from, to);
    if (world_is_up(to) && agree_receive(&world.node[to].engine, from, &message) == ERR_FORMAT) {
        world_fail("a correct core's message is refused");
    }
}

static const struct agree_tree *tree_of(void *context, enum agree_topology topology, unsigned root) {
    (void)context;
    return topology < AGREE_MULTICAST ? NULL : &tree[topology][root];
}

static void doubt(void *context, const struct agree_set *members) {
    unsigned core = node_of(context);
    HOLDS(!agree_has(members, core));
    if (scenario.membership) {
        membership_doubt(&world.node[core].membership, members);
    }
}

void world_purge(unsigned a, unsigned b) {
    uint64_t kept = 0;
    for (uint64_t i = 0; i < world.flights; i++) {
        const struct flight *flight = &world.flight[i];
        if (!(flight->from == a && flight->to == b) && !(flight->from == b && flight->to == a)) {
            world.flight[kept++] = *flight;
        }
    }
    world.flights = kept;
}

/* Two to a socket, its lower one the aggregator; the far sockets first for NUMA. */
static void grow_trees(unsigned cores) {
    for (unsigned root = 0; root < cores; root++) {
        tree[AGREE_NUMA][root].made = cores * WORLD_CORES + root; /* multicast's are never kept */
        for (unsigned core = 0; core < cores; core++) {
            unsigned parent = core == root || core / 2 == root / 2 || core % 2 == 0 ? root : core - 1;
            tree[AGREE_MULTICAST][root].parent[core] = tree[AGREE_NUMA][root].parent[core] = (uint16_t)parent;
            tree[AGREE_MULTICAST][root].rank[core] = (uint16_t)core;
            tree[AGREE_NUMA][root].rank[core] = (uint16_t)(cores - core);
        }
        HOLDS(agree_tree_valid(&tree[AGREE_NUMA][root], root, cores));
    }
}

/* The beginning */

void world_core_begin(unsigned core, uint32_t epoch, uint64_t live) {
    struct node *node = &world.node[core];
    config[core] = (struct agree_config){
        .self = core,
        .cores = (unsigned)scenario.cores,
        .coordinators = (unsigned)scenario.cores,
        .epoch = epoch,
        .live = set_of(live),
        .patience = PATIENCE,
        .rest = REST,
        .context = node,
        .send = send,
        .branches = &branches,
        .tree = tree_of,
        .doubt = doubt,
    };
    memcpy(config[core].client, protocol()->client, sizeof(config[core].client));
    if (scenario.membership) {
        config[core].client[MEMBER_CLIENT] = &member_client;
    }
    node->up = 1;
    node->life++;
    memset(node->state, 0, sizeof(node->state));
    agree_init(&node->engine, &config[core], node->record);
    member_begin(core);
    protocol()->begin(core);
}

void world_begin(void) {
    memset(&world, 0, sizeof(world));
    world_failure = NULL;
    world_traced = false;
    world.crashes = scenario.crashes;
    world.ticks = scenario.ticks;
    world.restarts = scenario.restarts;
    world.doubts = scenario.doubts;
    world.epoch = 1;
    world.live = (1UL << scenario.cores) - 1;
    grow_trees((unsigned)scenario.cores);
    for (unsigned core = 0; core < scenario.cores; core++) {
        world_core_begin(core, 1, world.live);
    }
}

/* What may happen */

static unsigned add(struct event *list, unsigned n, enum event_kind kind, unsigned a, unsigned b) {
    if (n < WORLD_EVENTS) {
        list[n++] = (struct event){(uint8_t)kind, (uint8_t)a, (uint8_t)b};
    }
    return n;
}

static unsigned deliveries(struct event *list, unsigned n) {
    uint64_t seen[WORLD_CORES] = {0};
    for (uint64_t i = 0; i < world.flights; i++) {
        const struct flight *flight = &world.flight[i];
        if (world_is_up((unsigned)flight->to) && !(seen[flight->from] >> flight->to & 1)) {
            seen[flight->from] |= 1UL << flight->to;
            n = add(list, n, EVENT_DELIVER, (unsigned)flight->from, (unsigned)flight->to);
        }
    }
    return n;
}

static bool may_submit(unsigned op) {
    const struct world_op *wish = &scenario.op[op];
    return world_is_up((unsigned)wish->core) && world.node[wish->core].joined &&
           !(world.node[wish->core].submitted >> op & 1);
}

static uint64_t crashed(void) {
    uint64_t mask = 0;
    for (unsigned core = 0; core < scenario.cores; core++) {
        mask |= (uint64_t)!world_is_up(core) << core;
    }
    return mask & world.live;
}

static unsigned cores_up(void) {
    unsigned up = 0;
    for (unsigned core = 0; core < scenario.cores; core++) {
        up += world_is_up(core);
    }
    return up;
}

static unsigned happenings_at(struct event *list, unsigned n, unsigned core) {
    if (protocol()->answer != NULL && protocol()->answer(core, false)) {
        n = add(list, n, EVENT_ANSWER, core, 0);
    }
    if (!scenario.membership && world.node[core].engine.epoch < world.epoch) {
        n = add(list, n, EVENT_TELL, core, 0);
    }
    if (world.ticks > 0) {
        n = add(list, n, EVENT_TICK, core, 0);
    }
    n = add(list, n, EVENT_WAKE, core, 0);
    if (world.crashes > 0 && cores_up() > 1) {
        n = add(list, n, EVENT_CRASH, core, 0);
    }
    return world.doubts > 0 && scenario.membership ? add(list, n, EVENT_DOUBT, core, 0) : n;
}

/* Also of cores that have died since they sent it. */
static unsigned fences_and_restarts(struct event *list, unsigned n, unsigned core) {
    for (unsigned other = 0; other < scenario.cores; other++) {
        n = member_may_fence(core, other) ? add(list, n, EVENT_FENCE, core, other) : n;
    }
    return world.restarts > 0 && member_may_restart(core) ? add(list, n, EVENT_RESTART, core, 0) : n;
}

unsigned world_events(struct event list[WORLD_EVENTS]) {
    unsigned n = deliveries(list, 0);
    for (unsigned op = 0; op < scenario.ops; op++) {
        n = may_submit(op) ? add(list, n, EVENT_SUBMIT, (unsigned)scenario.op[op].core, op) : n;
    }
    n = !scenario.membership && crashed() != 0 ? add(list, n, EVENT_DECLARE, 0, 0) : n;
    for (unsigned core = 0; core < scenario.cores; core++) {
        n = scenario.membership ? fences_and_restarts(list, n, core) : n;
    }
    for (unsigned core = 0; core < scenario.cores; core++) {
        n = world_is_up(core) ? happenings_at(list, n, core) : n;
    }
    return n;
}

static void declare(void) {
    world.live &= ~crashed();
    world.epoch++;
}

static void tell(unsigned core) {
    struct agree_set live = set_of(world.live);
    agree_view(&world.node[core].engine, (uint32_t)world.epoch, &live);
}

static void submit(unsigned core, unsigned op) {
    world.node[core].submitted |= 1UL << op;
    protocol()->submit(core, op);
}

static void tick(unsigned core, uint64_t step) {
    agree_tick(&world.node[core].engine, world.node[core].engine.now + step);
    if (scenario.membership) {
        membership_tick(&world.node[core].membership);
    }
}

static void doubt_all(unsigned core) {
    struct agree_set all = set_of((1UL << scenario.cores) - 1);
    membership_doubt(&world.node[core].membership, &all);
}

static void crash(unsigned core) {
    world.crashes--;
    world.node[core].up = 0;
}

static void check_step(void) {
    protocol()->check_step();
    if (scenario.membership) {
        member_check();
    }
}

static void put_step(struct event event) {
    const struct agree_message *message = event.kind == EVENT_DELIVER ? world_first(event.a, event.b) : NULL;
    uint64_t word = (uint64_t)event.kind | (uint64_t)event.a << 8 | (uint64_t)event.b << 16;
    if (message != NULL) {
        word |= (uint64_t)message->type << 24 | (uint64_t)message->id.core << 32 | (uint64_t)message->id.slot << 40 |
                (uint64_t)message->attempt << 48;
    }
    sim_put(word);
    sim_put(message == NULL ? 0 : (uint64_t)message->result << 48 | (message->id.number & ((1UL << 48) - 1)));
}

void world_do(struct event event) {
    if (world_traced) {
        put_step(event);
    }
    switch ((enum event_kind)event.kind) {
    case EVENT_DELIVER:
        deliver(event.a, event.b);
        break;
    case EVENT_SUBMIT:
        submit(event.a, event.b);
        break;
    case EVENT_ANSWER:
        protocol()->answer(event.a, true);
        break;
    case EVENT_TELL:
        tell(event.a);
        break;
    case EVENT_DECLARE:
        declare();
        break;
    case EVENT_FENCE:
        member_fence(event.a, event.b);
        break;
    case EVENT_RESTART:
        world.restarts--;
        member_restart(event.a);
        break;
    case EVENT_DOUBT:
        world.doubts--;
        doubt_all(event.a);
        break;
    case EVENT_TICK:
        world.ticks--;
        tick(event.a, TICK_STEP);
        break;
    case EVENT_WAKE:
        tick(event.a, 0);
        break;
    case EVENT_CRASH:
        crash(event.a);
        break;
    case EVENT_KINDS:
        break;
    }
    check_step();
}

/* The end */

static bool all_quiet(void) {
    bool quiet = true;
    for (unsigned core = 0; core < scenario.cores; core++) {
        quiet = quiet && (!world_is_up(core) || agree_quiet(&world.node[core].engine));
    }
    return quiet;
}

/* Everything but time and crashes, first come first served, until nothing is left. */
static bool settle(void) {
    struct event list[WORLD_EVENTS];
    for (unsigned steps = 0; steps < 20000 && world_failure == NULL; steps++) {
        unsigned n = world_events(list), i = 0;
        while (i < n && list[i].kind >= EVENT_TICK) {
            i++;
        }
        if (i == n) {
            return true;
        }
        world_do(list[i]);
    }
    return false;
}

static void pass_time(unsigned core) {
    if (!world_is_up(core)) {
        return;
    }
    if (scenario.membership) {
        doubt_all(core);
    }
    tick(core, TICK_STEP);
    check_step();
}

bool world_drain(void) {
    for (unsigned rounds = 0; rounds < WORLD_ROUNDS; rounds++) {
        if (!settle()) {
            return false;
        }
        if (all_quiet() && (!scenario.membership || member_agreed())) {
            return true;
        }
        for (unsigned core = 0; core < scenario.cores; core++) {
            pass_time(core);
        }
    }
    return false;
}
