/* The memory, the two coroutines and the choice of who goes next. Stores go through a buffer of their own core in order, as on
   x86; what is exchanged empties it first. [SDM3 9.2.3] */
#include "sim.h"

#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

#define STACK (64 * 1024)
#define BUFFER 64

struct store {
    uint64_t *word;
    uint64_t value;
};

struct end {
    struct urpc urpc; /* first */
    ucontext_t context;
    char stack[STACK];
    struct store buffer[BUFFER];
    unsigned buffered;
    uint64_t history; /* of all that it has read and done */
    bool woken, blocked, over;
    const char *failure;
};

static struct end ends[ENDS];
static _Alignas(64) uint64_t frame[FRAME_WORDS];
static ucontext_t scheduler;
static unsigned now; /* the end that runs */
static const struct scenario *scenario;
static bool setting_up; /* nobody else is there yet */

static uint64_t mix(uint64_t hash, uint64_t value) {
    hash = (hash ^ value) * 0x9e3779b97f4a7c15u;
    return hash ^ hash >> 29;
}

struct urpc *sim_urpc(unsigned end) {
    return &ends[end].urpc;
}

/* The other end, or a buffer, may go first. */
static void step(void) {
    if (setting_up) {
        return;
    }
    swapcontext(&ends[now].context, &scheduler);
}

static uint64_t learned(uint64_t value) {
    ends[now].history = mix(ends[now].history, value);
    return value;
}

static void flush_one(struct end *end) {
    *end->buffer[0].word = end->buffer[0].value;
    end->buffered--;
    memmove(end->buffer, end->buffer + 1, end->buffered * sizeof(end->buffer[0]));
}

static void flush(struct end *end) {
    while (end->buffered > 0) {
        flush_one(end);
    }
}

static uint64_t read_now(const uint64_t *word) {
    const struct end *end = &ends[now];
    for (unsigned i = end->buffered; i-- > 0;) {
        if (end->buffer[i].word == word) {
            return end->buffer[i].value;
        }
    }
    return *word;
}

uint64_t sim_load(const uint64_t *word) {
    step();
    return learned(read_now(word));
}

void sim_store(uint64_t *word, uint64_t value) {
    struct end *end = &ends[now];
    step();
    learned(value);
    if (setting_up) {
        *word = value;
        return;
    }
    if (end->buffered == BUFFER) {
        abort();
    }
    end->buffer[end->buffered++] = (struct store){word, value};
}

uint64_t sim_exchange(uint64_t *word, uint64_t value) {
    step();
    if (scenario->broken == BREAK_EXCHANGE || scenario->broken == BREAK_BUFFER) {
        uint64_t before = learned(read_now(word));
        if (scenario->broken == BREAK_EXCHANGE) {
            step(); /* not at one go */
        }
        ends[now].buffer[ends[now].buffered++] = (struct store){word, value};
        return before;
    }
    flush(&ends[now]);
    uint64_t before = learned(*word);
    *word = value;
    return before;
}

bool sim_replace(uint64_t *word, uint64_t expected, uint64_t value) {
    step();
    flush(&ends[now]);
    bool same = learned(*word) == expected;
    if (scenario->broken == BREAK_REPLACE) {
        step();
    }
    if (same) {
        *word = value;
    }
    return same;
}

/* A wake-up that has come already ends the block at once. */
void sim_block(void) {
    struct end *end = &ends[now];
    end->blocked = true;
    while (!end->woken) {
        step();
    }
    end->blocked = end->woken = false;
    learned(1);
}

/* What an interrupt does to the other core cannot be undone; the invocation empties the store buffer. */
void sim_wake(struct urpc *urpc) {
    struct end *end = (struct end *)urpc;
    flush(end);
    ends[end == &ends[0] ? 1 : 0].woken = true;
}

static void run_end(void) {
    struct end *end = &ends[now];
    end->failure = end_play(now, scenario);
    flush(end);
    end->over = true;
    swapcontext(&end->context, &scheduler);
}

static void start(void) {
    struct urpc_shape shape = {.slot = scenario->slot};
    size_t size = urpc_size(&shape, scenario->slots);
    memset(frame, 0, sizeof(frame));
    setting_up = true;
    now = 0;
    if (size > sizeof(frame) || urpc_format_as(frame, size, &shape) != ERR_OK) {
        abort();
    }
    for (now = 0; now < ENDS; now++) {
        struct end *end = &ends[now];
        if (urpc_open(&end->urpc, frame, size, now) != ERR_OK) {
            abort();
        }
        end->urpc.wake = sim_wake;
        end->buffered = 0;
        end->history = now;
        end->woken = end->blocked = end->over = false;
        end->failure = NULL;
        getcontext(&end->context);
        end->context.uc_stack.ss_sp = end->stack;
        end->context.uc_stack.ss_size = STACK;
        makecontext(&end->context, run_end, 0);
    }
    setting_up = false;
    for (now = 0; now < ENDS; now++) { /* to its first step */
        swapcontext(&scheduler, &ends[now].context);
    }
}

static uint64_t state_hash(void) {
    uint64_t hash = 7;
    for (unsigned i = 0; i < FRAME_WORDS; i++) {
        hash = mix(hash, frame[i]);
    }
    for (unsigned i = 0; i < ENDS; i++) {
        const struct end *end = &ends[i];
        hash = mix(hash, end->history);
        hash = mix(hash, end->woken | end->blocked << 1 | end->over << 2 | end->buffered << 3);
        for (unsigned j = 0; j < end->buffered; j++) {
            hash = mix(mix(hash, (uint64_t)(end->buffer[j].word - frame)), end->buffer[j].value);
        }
    }
    return hash;
}

/* What may happen next: end 0 or 1 runs on, its oldest store leaves its buffer. */
static unsigned possible(unsigned choice[2 * ENDS]) {
    unsigned count = 0;
    for (unsigned i = 0; i < ENDS; i++) {
        if (!ends[i].over && !(ends[i].blocked && !ends[i].woken)) {
            choice[count++] = i;
        }
    }
    for (unsigned i = 0; i < ENDS; i++) {
        if (ends[i].buffered > 0) {
            choice[count++] = ENDS + i;
        }
    }
    return count;
}

static const char *ending(void) {
    for (unsigned i = 0; i < ENDS; i++) {
        if (ends[i].failure != NULL) {
            return ends[i].failure;
        }
    }
    return ends[0].over && ends[1].over ? NULL : "a wake-up is lost: whoever is left sleeps for ever";
}

static void act(unsigned choice) {
    if (choice >= ENDS) {
        flush_one(&ends[choice - ENDS]);
        return;
    }
    now = choice;
    swapcontext(&scheduler, &ends[now].context);
}

void sim_run(const struct scenario *what, const unsigned *choices, unsigned count, bool (*seen)(uint64_t state),
             struct outcome *outcome) {
    unsigned choice[2 * ENDS], enabled;
    scenario = what;
    outcome->steps = 0;
    outcome->known = false;
    start();
    while ((enabled = possible(choice)) > 0) {
        unsigned at = outcome->steps++;
        if (at >= sizeof(outcome->chosen) / sizeof(outcome->chosen[0])) {
            abort();
        }
        outcome->enabled[at] = enabled;
        outcome->chosen[at] = at < count ? choices[at] : 0;
        act(choice[outcome->chosen[at]]);
        if (at + 1 >= count && seen(state_hash())) {
            outcome->known = true;
            outcome->failure = ends[0].failure != NULL ? ends[0].failure : ends[1].failure;
            return;
        }
    }
    outcome->failure = ending();
}
