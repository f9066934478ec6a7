/* The suite `retypes`, for figure 8: memory that domains on all cores, or on the first so many, hold a capability for is retyped by
   this one (shared_cap.h). The others sleep meanwhile: their monitors have the cores to themselves. As an object is locked
   while a retype of it is under way, those that are under way at once are of objects of their own. What was made is deleted
   when a sample has been taken. */
#include <skerry/fibre.h>
#include <skerry/ram.h>
#include <skerry/shared_cap.h>
#include <skerry/slots.h>

#include "programs/bench/bench.h"
#include "programs/bench/far.h"
#include "programs/bench/pair.h"

#define FLYING 8   /* at once, where they are pipelined */
#define WAITING 32 /* at once, so that most wait for a place in the window */
#define ROUNDS 16  /* of one object at most: it has so many pages, each of which is retyped once in a sample */
#define OBJECTS_BYTES (WAITING * ROUNDS * PAGE_SIZE)
#define STACKS_BYTES (2ul << 20)
#define TABLES_BYTES (512ul << 10)
#define ROUNDS_PIPELINED 8
#define ROUNDS_WAITING 4

struct object {
    capaddr_t cap;
    capaddr_t made[ROUNDS];
};

static struct object objects[WAITING];
static struct far others[FAR_CORES_MAX];
static uint64_t cores;

/* One sample. */
struct run {
    uint64_t rounds;
    unsigned flying;
    err_t err; /* the first one */
    struct fibre_queue done;
};

struct flight {
    struct run *run;
    struct object *object;
};

static err_t give(struct object *object) {
    TRY(ram_make(CAP_TYPE_FRAME, ROUNDS * PAGE_SIZE, &object->cap, NULL));
    for (uint64_t core = 1; core < cores; core++) {
        TRY(shared_cap_send(others[core].binding, 0, object->cap));
    }
    return ERR_OK;
}

static err_t open(struct pair *pair) {
    uint64_t all;
    (void)pair;
    TRY(far_cores(&all));
    cores = suite_cores != 0 && suite_cores < all ? suite_cores : all;
    TRY(ram_more(OBJECTS_BYTES, 0));
    TRY(ram_more(STACKS_BYTES, 0));
    TRY(ram_more(TABLES_BYTES, RAM_POOL));
    for (uint64_t core = 1; core < cores; core++) {
        TRY(far_open((coreid_t)core, FAR_START, &others[core]));
        far_ask(&others[core], FAR_HOLD, 0);
    }
    for (unsigned i = 0; i < WAITING; i++) {
        TRY(give(&objects[i]));
    }
    return ERR_OK;
}

static err_t close(struct pair *pair) {
    (void)pair;
    for (uint64_t core = 1; core < cores; core++) {
        bind_release(others[core].binding);
    }
    return ERR_OK;
}

static void fly(void *argument) {
    const struct flight *flight = argument;
    struct run *run = flight->run;
    struct object *object = flight->object;
    for (uint64_t i = 0; i < run->rounds; i++) {
        err_t err = shared_cap_retype(object->cap, CAP_TYPE_FRAME, i * PAGE_SIZE, PAGE_SIZE, &object->made[i]);
        run->err = run->err == ERR_OK ? err : run->err;
    }
    run->flying--;
    (void)fibre_wake(&run->done);
}

static void delete_made(void) {
    for (unsigned i = 0; i < WAITING; i++) {
        for (unsigned n = 0; n < ROUNDS; n++) {
            if (objects[i].made[n] != CAP_NULL) {
                slot_release(objects[i].made[n]);
                objects[i].made[n] = CAP_NULL;
            }
        }
    }
}

static err_t measure(unsigned flying, uint64_t rounds, uint64_t *ticks) {
    struct run run = {.rounds = rounds};
    uint64_t begin = stamp_begin();
    for (; run.flying < flying && run.err == ERR_OK; run.flying++) {
        struct flight flight = {&run, &objects[run.flying]};
        run.err = fibre_spawn(fly, &flight, sizeof(flight));
    }
    while (run.flying > 0) {
        (void)fibre_wait(&run.done, 0); /* each retype has a deadline */
    }
    *ticks = stamp_end() - begin;
    delete_made();
    return run.err;
}

static err_t single(struct pair *pair, uint64_t *ticks) {
    (void)pair;
    return measure(1, ROUNDS, ticks);
}

static err_t pipelined(struct pair *pair, uint64_t *ticks) {
    (void)pair;
    return measure(FLYING, ROUNDS_PIPELINED, ticks);
}

static err_t waiting(struct pair *pair, uint64_t *ticks) {
    (void)pair;
    return measure(WAITING, ROUNDS_WAITING, ticks);
}

static const struct path paths[] = {
    {"overhead", NULL, suite_overhead, NULL},
    {"retype", NULL, single, NULL},
    {"retype-pipelined", NULL, pipelined, NULL},
    {"retype-waiting", NULL, waiting, NULL},
};

const struct suite suite_retypes = {"retypes", paths, ARRAY_SIZE(paths), open, close};
