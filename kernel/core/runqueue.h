/*
 * Which task runs next: the policies, as pure bookkeeping. Time comes in as arguments, so the same code runs in the
 * CPU driver and in the host's simulator (tests/sim), which has the guarantees below as its assertions.
 *
 * Proportional share with reservations, in the manner of RBED (Brandt et al., RTSS 2003): what has a guarantee has jobs
 * with a budget and a deadline, by the rules of the constant bandwidth server (Abeni and Buttazzo, RTSS 1998).
 *   reserved     Budget and period as admitted; a used-up budget throttles the task until its period ends, and a throttled
 *                task runs only when nobody else wants the core.
 *   best effort  All together have one such server, with a quantum as budget and what is not reserved as rate. Among
 *                themselves they take turns by start-time fair queueing (Goyal et al., SIGCOMM 1996): a job is a quantum
 *                long and moves its task's tag on by quantum / weight; the least tag runs, and is the virtual time.
 * The earliest deadline among the reserved runs, unless the best-effort server can wait no longer and is due first.
 *
 * A best-effort task that wakes and is not ahead of the virtual time is urgent: for the rest of its job it runs before all
 * of its kind, and before reserved ones too once in a period of the server. A job's end puts it ahead; so what it runs
 * urgently is its own share, however often it wakes.
 *
 * Run to block: first come, first served, no budgets. For dedicated cores. Only the monitor, without which the core would be
 * taken for dead, goes first: woken by an interrupt it takes the core, and whoever it took it from has it next.
 *
 * Life of a task: ready (it can run) -> next (it runs, and is in no queue) -> charge, then requeue or, if it blocks,
 * block -> ready. Times are below 2^63.
 */
#pragma once

#include "core/heap.h"
#include "core/job.h"

enum runqueue_policy { RUNQUEUE_RBED = 0, RUNQUEUE_RUN_TO_BLOCK = 1 };

/* Parts of a core that may be reserved, in units of RUNQUEUE_WHOLE. */
#define RUNQUEUE_WHOLE 10000
#define RUNQUEUE_RESERVABLE 9000

#define RUNQUEUE_WEIGHT_DEFAULT 100
#define RUNQUEUE_WEIGHT_MAX 10000

/* What init makes of a quantum: between what weights need to be exact to half a percent, and what cannot overflow. */
#define RUNQUEUE_QUANTUM_MIN (1UL << 16)
#define RUNQUEUE_QUANTUM_MAX (1UL << 44)

/* A budget is at least this part of the quantum, or its timer interrupts could eat up the core. */
#define RUNQUEUE_GRAIN 256
#define RUNQUEUE_PERIOD_MAX (1UL << 48)

/* AWAY: blocked, or running on another's budget only. READY and THROTTLED tasks may be queued or run. */
enum task_state { TASK_AWAY, TASK_READY, TASK_THROTTLED };

struct task {
    struct heap_node node;
    enum task_state state;
    bool urgent;     /* run to block: interrupted, and next */
    bool first;      /* run to block: the monitor's */
    uint32_t weight; /* best effort: 1 to RUNQUEUE_WEIGHT_MAX */
    uint32_t share;  /* reserved: budget / period in RUNQUEUE_WHOLE, rounded up; 0: best effort */
    uint64_t stride; /* virtual time that a job takes */
    uint64_t tag;    /* virtual time at which its job began */
    struct job job;  /* best effort: without period and deadline */
};

struct runqueue {
    enum runqueue_policy policy;
    uint64_t quantum;
    uint64_t now_virtual;
    uint32_t tasks;
    uint32_t reserved;                   /* sum of the shares */
    uint32_t fair_ready;                 /* best-effort tasks that are READY, queued or not */
    struct job server;                   /* of best effort; kept up to date while anything is reserved */
    struct heap fair;                    /* best effort: the urgent ones in their order, then by tag */
    struct heap reservations, throttled; /* reserved, by deadline */
};

void runqueue_init(struct runqueue *rq, enum runqueue_policy policy, uint64_t quantum);

/* Take a new task in, best effort; it takes its first turn after those who wait already. False: HEAP_MAX are in. */
[[nodiscard]] bool runqueue_admit(struct runqueue *rq, struct task *task, uint32_t weight);

/* Let it go; it is in no queue afterwards. */
void runqueue_leave(struct runqueue *rq, struct task *task);

/* Make it best effort with a weight. False, and nothing changed: a bad weight. */
[[nodiscard]] bool runqueue_set_weight(struct runqueue *rq, struct task *task, uint64_t weight, uint64_t now);

/* Add to its weight, or take from it less than all; a reserved task stays so. What is over the maximum is lost. */
void runqueue_add_weight(struct runqueue *rq, struct task *task, int64_t more, uint64_t now);

/* Reserve for it from the next period on; a new reservation's first period is spent waiting, so that nobody gains by
 * making new ones. False, and nothing changed: bad numbers, or more than can be reserved, which is nothing when tasks run
 * to block. */
struct reservation {
    uint64_t budget, period; /* ticks */
};
[[nodiscard]] bool runqueue_reserve(struct runqueue *rq, struct task *task, const struct reservation *wanted,
                                    uint64_t now);

/* It can run from now on, having been blocked or new. */
void runqueue_ready(struct runqueue *rq, struct task *task, uint64_t now);

/* The same, and it is chosen: runqueue_ready and runqueue_next in one where nobody else is here. False: somebody is, or may be. */
bool runqueue_resume(struct runqueue *rq, struct task *task, uint64_t now);

/* Ready for one that an interrupt has woken. True, and it is in no queue: it is to run at once, instead of `running`. */
[[nodiscard]] bool runqueue_ready_over(struct runqueue *rq, struct task *task, const struct task *running,
                                       uint64_t now);

/* It waits for its turn and has got news: urgent from now on if it would be had it been asleep. */
void runqueue_hurry(struct runqueue *rq, struct task *task);

/* Hurry for one that is in no queue. True: it is to run at once, instead of `running`. False: nothing has changed, and
 * runqueue_hurry and the others decide. */
[[nodiscard]] bool runqueue_hurry_over(const struct runqueue *rq, struct task *task, const struct task *running);

/* It ran, and an interrupt takes the core from it; requeue follows. */
static inline void runqueue_interrupted(const struct runqueue *rq, struct task *task) {
    task->urgent |= rq->policy == RUNQUEUE_RUN_TO_BLOCK;
}

/* It ran and can go on: in its turn. */
void runqueue_requeue(struct runqueue *rq, struct task *task, uint64_t now);

/* It ran and can go on, but would rather have others go first: a best-effort task is put behind what waits, and loses
 * nothing of its share; a reserved one is not, for its deadline stands. */
void runqueue_yield(struct runqueue *rq, struct task *task, uint64_t now);

/* It runs and goes on, on its own budget from now on. */
void runqueue_continue(struct runqueue *rq, struct task *task, uint64_t now);

/* It ran and blocks; or it was queued and may not run. */
void runqueue_block(struct runqueue *rq, struct task *task);

/* Take a queued task out to run it at once, whatever its turn, on another's budget. */
void runqueue_take(struct runqueue *rq, struct task *task);

/* What it ran, or had run for it, until now. */
void runqueue_charge(struct runqueue *rq, struct task *task, uint64_t since, uint64_t now);

/* Take out the task to run; NULL if there is none. */
struct task *runqueue_next(struct runqueue *rq, uint64_t now);

/* Does one wait for its turn? A throttled one does not. */
static inline bool runqueue_waiting(const struct runqueue *rq) {
    return (rq->fair.count | rq->reservations.count) != 0;
}

/* Is there one to run, if nobody else does? */
static inline bool runqueue_any(const struct runqueue *rq) {
    return runqueue_waiting(rq) || rq->throttled.count != 0;
}

/* Should `running`, charged up to now, give way to one that is queued? */
bool runqueue_preempts(struct runqueue *rq, const struct task *running, uint64_t now);

/* Ticks that `task`, charged up to now, may run before it must be looked at again; UINT64_MAX: no limit. */
uint64_t runqueue_slice(const struct runqueue *rq, const struct task *task, uint64_t now);

/* When the next throttled task's period begins; UINT64_MAX: there is none. */
uint64_t runqueue_release(const struct runqueue *rq);
