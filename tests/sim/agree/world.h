/*
 * The simulated machine: cores that run the agreement engine, channels between them, and everything that may happen next.
 *
 * A world is plain memory that can be copied and hashed. Nothing in it moves by itself: world_events() lists what may
 * happen, and whoever drives it (a seed, a list of choices, or all of them in turn) picks one for world_do(). Within a
 * channel order is kept; all else is open: which channel, how long a message takes, when time passes at a core, when one
 * dies, when each of the others is told so. Protocols (protocol.h) give the cores something to agree on.
 */
#pragma once

#include <skerry/agree.h>
#include <skerry/membership.h>

#define WORLD_CORES AGREE_CORES
#define WORLD_FLIGHTS 192
#define WORLD_OPS 16
#define WORLD_OP_WORDS (4 + AGREE_WORDS)
#define WORLD_STATE 3072 /* bytes of a protocol's state at one core */
#define WORLD_EVENTS 256
#define PROTOCOLS 6
#define WORLD_ROUNDS 128 /* of time at the end */
#define TICK_STEP 100    /* of time at one core */
#define PATIENCE 300
#define REST 50

/* What the scenario asks for: who, how, and the operation. */
struct world_op {
    uint64_t core, phases, members, flags, word[AGREE_WORDS];
};
#define WORLD_DEADLINE(op) (1 + (op)->flags / 256) /* in ticks */

struct scenario {
    uint64_t protocol, cores, topology, crashes, ticks, restarts, doubts, membership, ops;
    struct world_op op[WORLD_OPS];
};

struct node {
    uint64_t up, life, submitted; /* submitted: mask of operations */
    uint64_t joined, fences;      /* joined: epoch of its first view; fences: cores that it has sent the fence to */
    uint64_t starter, starter_life;
    struct membership membership;
    struct agree engine;
    struct agree_record record[WORLD_CORES * AGREE_WINDOW];
    _Alignas(8) uint8_t state[WORLD_STATE];
};

struct flight {
    uint64_t from, to;
    struct agree_message message;
};

/* What was told to an operation's owner. */
struct report {
    uint64_t reported;
    uint64_t result;
};

struct world {
    struct node node[WORLD_CORES];
    struct report report[WORLD_OPS];
    uint64_t crashes, ticks, restarts, doubts; /* left */
    uint64_t epoch, live;                      /* as declared */
    uint64_t flights;
    struct flight flight[WORLD_FLIGHTS];
};

enum event_kind {
    EVENT_DELIVER,
    EVENT_SUBMIT,
    EVENT_ANSWER, /* that prepare() or finish() put off */
    EVENT_TELL,   /* a core learns the newest view */
    EVENT_DECLARE,
    EVENT_FENCE, /* takes hold */
    EVENT_TICK,
    EVENT_WAKE, /* a wake-up for nothing */
    EVENT_CRASH,
    EVENT_RESTART,
    EVENT_DOUBT, /* a core probes all others */
    EVENT_KINDS
};

struct event {
    uint8_t kind, a, b;
};

extern struct world world;
extern struct scenario scenario;

void world_begin(void);
unsigned world_events(struct event event[WORLD_EVENTS]);
void world_do(struct event event);

/* Lets everything come to its end, with what has crashed declared dead. False: it does not. */
bool world_drain(void);

uint64_t world_hash(void);

/* Messages in a channel; the first of them. */
const struct agree_message *world_first(unsigned from, unsigned to);

/* Forgets what is under way between two cores. */
void world_purge(unsigned a, unsigned b);

/* A core begins its life, with everyone live or (a later one) with nobody. */
void world_core_begin(unsigned core, uint32_t epoch, uint64_t live);

static inline struct agree_set set_of(uint64_t mask) {
    return (struct agree_set){.word = {mask}};
}

static inline bool world_is_up(unsigned core) {
    return world.node[core].up != 0;
}

/* Up, and never before another. */
static inline bool world_is_whole(unsigned core) {
    return world.node[core].up != 0 && world.node[core].life == 1;
}

/* A broken invariant: the first one is kept, and ends the run. */
void world_fail(const char *what);
extern const char *world_failure;

/* Each step goes out as two words. */
extern bool world_traced;

#define HOLDS(condition) ((condition) ? (void)0 : world_fail(#condition))

/* main.c */
void sim_put(uint64_t word);

/* drive.c */
void drive_choices(const uint64_t *choice, size_t count);
void drive_seed(uint64_t seed, uint64_t steps, bool trace);

/* explore.c */
void explore(uint64_t most_states);
