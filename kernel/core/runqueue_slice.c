/*
 * How long the task that runs may do so before somebody looks at it again, and whether somebody takes the core from it at once.
 */
#include "core/runqueue_internal.h"

/* As below, for one that has budget, of that budget. */
static uint64_t slice_reserved(const struct runqueue *rq, const struct task *task, uint64_t now) {
    const struct task *fair = task_of(heap_first(&rq->fair)), *other = task_of(heap_first(&rq->reservations));
    uint64_t turn = fair == NULL ? UINT64_MAX : fair_turn(rq, fair, task);
    if (turn <= now || (other != NULL && other->job.deadline < task->job.deadline)) {
        return 0;
    }
    return MIN(task->job.left, turn - now);
}

static uint64_t slice_fair(const struct runqueue *rq, const struct task *task, uint64_t now) {
    const struct task *reserved = task_of(heap_first(&rq->reservations));
    if (reserved == NULL) {
        return task->job.left;
    }
    return now >= fair_turn(rq, task, reserved) ? MIN(task->job.left, rq->server.left) : 0;
}

uint64_t runqueue_slice(const struct runqueue *rq, const struct task *task, uint64_t now) {
    if (rq->policy == RUNQUEUE_RUN_TO_BLOCK) {
        return UINT64_MAX;
    }
    if (task->state == TASK_THROTTLED) {
        return runqueue_waiting(rq) || now >= task->job.deadline ? 1 : task->job.deadline - now;
    }
    uint64_t ticks = is_reserved(task) ? slice_reserved(rq, task, now) : slice_fair(rq, task, now);
    return MAX(ticks, 1);
}

/* The common case of what hurry(), preempts() and next() would come to; they decide the others. */
bool runqueue_hurry_over(const struct runqueue *rq, struct task *task, const struct task *running) {
    bool may = task->state == TASK_READY && task->job.left != 0 && task->tag <= rq->now_virtual;
    if (rq->policy != RUNQUEUE_RBED || !may || !none_urgent(rq, running)) {
        return false;
    }
    task->urgent = true;
    return true;
}
