/*
 * The simulated core: kernel/core/schedule.c, runqueue.c and heap.c under a deterministic event simulation.
 *
 * Time is in ticks and passes while a dispatcher runs, when it makes a system call, and in idle_halt(). Each dispatcher
 * has a program: steps in a circle. Interrupts come from the timer that schedule.c arms and from sources that notify a
 * dispatcher at regular or irregular times. After each kernel entry everything that must hold is checked.
 */
#pragma once

#include "core/schedule.h"

#define SIM_TASKS 64
#define SIM_SOURCES 64
#define SIM_STEPS 16
#define SIM_TICKS_PER_US 1000

enum sim_op {
    STEP_RUN,
    STEP_BLOCK,
    STEP_YIELD,
    STEP_CALL,
    STEP_NOTIFY,
    STEP_WEIGHT,
    STEP_RESERVE,
    STEP_START,
    STEP_EXIT
};

struct sim_step {
    uint64_t op, a, b;
};

struct sim_task {
    struct dispatcher d;
    uint64_t weight, budget, period, started, first; /* at the start; weight or budget 0: leave it; first: preferred */
    uint64_t steps, step, ran;                       /* ran: ticks of this STEP_RUN */
    bool old_timer;                                  /* since a fast call woke it */
    struct sim_step program[SIM_STEPS];
};

/* Notifies its target `first`, then every `period` ticks, or at random after half to one and a half of it. */
struct sim_source {
    uint64_t next, period, target, irregular;
};

struct sim {
    uint64_t now, end, cost; /* cost: ticks of a system call */
    uint64_t random;
    uint64_t fast; /* calls that the fast path would take */
    uint64_t tasks, sources;
    struct sim_task task[SIM_TASKS];
    struct sim_source source[SIM_SOURCES];
};

extern struct sim sim;

/* Run a scenario laid out as words (simulated_core.py): the trace goes out by sim_put(). */
void sim_run(const uint64_t *word, size_t count);

/* Drive a run queue by hand: operations as words, with no dispatchers round it. */
void ops_run(const uint64_t *word, size_t count);

/* Everything that must hold of a run queue between calls; `n` tasks may be in it. */
void check_queue(const struct runqueue *rq, struct task *const task[], size_t n, uint64_t now);
void check_begin(void);

void sim_put(uint64_t word);
[[gnu::noreturn]] void sim_fail(const char *what);
