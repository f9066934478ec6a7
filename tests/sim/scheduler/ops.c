/*
 * A run queue driven by hand, with any numbers: whatever order the calls come in that a caller may make them in, what
 * check.c says must hold. Calls that no caller may make in the present state are left out.
 */
#include <string.h>

#include "sim.h"

#define OPS_TASKS 8

enum queue_call {
    CALL_ADMIT,
    CALL_LEAVE,
    CALL_WEIGHT,
    CALL_RESERVE,
    CALL_READY,
    CALL_BLOCK,
    CALL_NEXT,
    CALL_REQUEUE,
    CALL_CONTINUE,
    CALL_TAKE,
    CALL_CHARGE,
    CALL_YIELD,
    CALL_PREEMPTS,
    CALL_TURN,
    CALL_ADD,
    CALL_HURRY,
    CALLS
};

static struct runqueue rq;
static struct task tasks[OPS_TASKS];
static struct {
    bool in, runs, can_run; /* can_run: queued or running */
} known[OPS_TASKS];
static uint64_t now;

static bool is_queued(unsigned i) {
    return tasks[i].node.place != 0;
}

static uint64_t op_next(void) {
    const struct task *task = runqueue_next(&rq, now);
    if (task == NULL) {
        return UINT64_MAX;
    }
    known[task - tasks].runs = true;
    return (uint64_t)(task - tasks);
}

/* The next task, if nobody runs, uses its slice up and goes on waiting. */
static uint64_t op_turn(void) {
    for (unsigned i = 0; i < OPS_TASKS; i++) {
        if (known[i].runs) {
            return UINT64_MAX;
        }
    }
    struct task *task = runqueue_next(&rq, now);
    if (task == NULL) {
        return UINT64_MAX;
    }
    uint64_t since = now, slice = runqueue_slice(&rq, task, now);
    now += slice == UINT64_MAX ? 1 : slice;
    runqueue_charge(&rq, task, since, now);
    runqueue_requeue(&rq, task, now);
    return (uint64_t)(task - tasks);
}

/* Of a task that runs. */
static uint64_t op_running(enum queue_call call, unsigned i, uint64_t a) {
    switch (call) {
    case CALL_REQUEUE:
        known[i].runs = false;
        runqueue_requeue(&rq, &tasks[i], now);
        return 0;
    case CALL_CONTINUE:
        runqueue_continue(&rq, &tasks[i], now);
        return runqueue_slice(&rq, &tasks[i], now);
    case CALL_CHARGE: {
        uint64_t since = now;
        now += a;
        runqueue_charge(&rq, &tasks[i], since, now);
        return runqueue_slice(&rq, &tasks[i], now);
    }
    case CALL_YIELD:
        known[i].runs = false;
        runqueue_yield(&rq, &tasks[i], now);
        return 0;
    case CALL_PREEMPTS:
        return runqueue_preempts(&rq, &tasks[i], now);
    default:
        return UINT64_MAX;
    }
}

/* Of a task that is in. */
static uint64_t op_known(enum queue_call call, unsigned i, uint64_t a, uint64_t b) {
    switch (call) {
    case CALL_LEAVE:
        known[i].in = known[i].runs = known[i].can_run = false;
        runqueue_leave(&rq, &tasks[i]);
        return 0;
    case CALL_WEIGHT:
        return runqueue_set_weight(&rq, &tasks[i], a, now);
    case CALL_ADD: {
        int64_t more = (int64_t)(a % (2 * RUNQUEUE_WEIGHT_MAX)) - (int64_t)tasks[i].weight + 1;
        runqueue_add_weight(&rq, &tasks[i], more, now);
        return tasks[i].weight;
    }
    case CALL_RESERVE:
        return runqueue_reserve(&rq, &tasks[i], &(struct reservation){a, b}, now);
    case CALL_BLOCK:
        known[i].runs = known[i].can_run = false;
        runqueue_block(&rq, &tasks[i]);
        return 0;
    case CALL_READY:
        if (!known[i].can_run) {
            known[i].can_run = true;
            runqueue_ready(&rq, &tasks[i], now);
        }
        return 0;
    case CALL_HURRY:
        if (is_queued(i)) {
            runqueue_hurry(&rq, &tasks[i]);
        }
        return 0;
    case CALL_TAKE:
        if (is_queued(i) || !known[i].can_run) {
            known[i].runs = known[i].can_run = true;
            runqueue_take(&rq, &tasks[i]);
        }
        return 0;
    default:
        return known[i].runs ? op_running(call, i, a) : UINT64_MAX;
    }
}

static uint64_t op_do(enum queue_call call, unsigned i, uint64_t a, uint64_t b) {
    if (call == CALL_NEXT || call == CALL_TURN) {
        return call == CALL_NEXT ? op_next() : op_turn();
    }
    if (call != CALL_ADMIT) {
        return known[i].in ? op_known(call, i, a, b) : UINT64_MAX;
    }
    if (!known[i].in) {
        known[i].in = true;
        return runqueue_admit(&rq, &tasks[i], RUNQUEUE_WEIGHT_DEFAULT);
    }
    return UINT64_MAX;
}

static void check_all(void) {
    struct task *in[OPS_TASKS];
    size_t n = 0;
    for (unsigned i = 0; i < OPS_TASKS; i++) {
        if (known[i].in) {
            in[n++] = &tasks[i];
            if (is_queued(i) != (known[i].can_run && !known[i].runs)) {
                sim_fail("a task is not where its calls put it");
            }
        }
    }
    check_queue(&rq, in, n, now);
}

/* policy, quantum, now, then each call as: ticks to go on before it, which, task, a, b */
void ops_run(const uint64_t *word, size_t count) {
    memset(tasks, 0xa5, sizeof(tasks));
    memset(known, 0, sizeof(known));
    check_begin();
    runqueue_init(&rq, (enum runqueue_policy)word[0], word[1]);
    now = word[2];
    for (size_t at = 3; at + 5 <= count; at += 5) {
        now += word[at];
        sim_put(op_do((enum queue_call)(word[at + 1] % CALLS), (unsigned)word[at + 2] % OPS_TASKS, word[at + 3],
                      word[at + 4]));
        check_all();
    }
}
