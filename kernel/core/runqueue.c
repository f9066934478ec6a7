/* See runqueue.h. How tasks come and go between jobs first, then what they are, then whose turn it is. */
#include "core/runqueue_internal.h"

/* Units of virtual time in a tick at weight 1: precision against years until it overflows, 12 at 3 GHz. */
#define VIRTUAL_SCALE 16

static uint64_t stride_of(const struct runqueue *rq, uint64_t weight) {
    return (rq->quantum * VIRTUAL_SCALE + weight / 2) / weight;
}

/* The best-effort server's rate is what is not reserved. Its job began when it began. */
static void server_resize(struct runqueue *rq) {
    uint64_t start = rq->server.deadline - rq->server.period;
    rq->server.period = rq->quantum * RUNQUEUE_WHOLE / (RUNQUEUE_WHOLE - rq->reserved);
    rq->server.deadline = start + rq->server.period;
}

void runqueue_init(struct runqueue *rq, enum runqueue_policy policy, uint64_t quantum) {
    memset(rq, 0, sizeof *rq);
    rq->policy = policy;
    rq->quantum = MIN(MAX(quantum, RUNQUEUE_QUANTUM_MIN), RUNQUEUE_QUANTUM_MAX);
    rq->now_virtual = 1; /* above the key of urgent tasks */
    rq->server.budget = rq->quantum;
    server_resize(rq);
}

static struct heap *heap_of(struct runqueue *rq, const struct task *task) {
    return task->state == TASK_THROTTLED ? &rq->throttled : is_reserved(task) ? &rq->reservations : &rq->fair;
}

static uint64_t key_of(const struct runqueue *rq, const struct task *task) {
    uint64_t in_order = task->first ? 0 : task->urgent ? 1 : 2;
    uint64_t by_time = task->urgent ? 0 : is_reserved(task) ? task->job.deadline : task->tag;
    return rq->policy == RUNQUEUE_RUN_TO_BLOCK ? in_order : by_time;
}

static void enqueue(struct runqueue *rq, struct task *task) {
    task->node.key = key_of(rq, task);
    heap_insert(heap_of(rq, task), &task->node);
}

static void dequeue(struct runqueue *rq, struct task *task) {
    if (task->node.place != 0) {
        heap_remove(heap_of(rq, task), &task->node);
    }
}

static void retire(struct runqueue *rq, struct task *task, enum task_state state) {
    if (task->state == TASK_READY && !is_reserved(task)) {
        rq->fair_ready--;
    }
    task->state = state;
}

/* One that is ahead of the virtual time had the core out of turn, while nobody else wanted it. */
static void fair_next(const struct runqueue *rq, struct task *task) {
    task->tag = MIN(task->tag, rq->now_virtual) + task->stride;
    task->job.left = task->job.budget;
}

/* No credit for time without work: a job that is over by the virtual time is followed by one of now. */
static void fair_catch_up(const struct runqueue *rq, struct task *task) {
    if (rq->now_virtual >= task->tag + task->stride) {
        task->tag = rq->now_virtual;
        task->job.left = task->job.budget;
    } else if (task->job.left == 0) {
        fair_next(rq, task);
    }
}

/* From AWAY. */
static void arrive(struct runqueue *rq, struct task *task, uint64_t now) {
    task->urgent = false;
    if (is_reserved(task)) {
        job_resume(&task->job, now);
        task->state = task->job.left == 0 ? TASK_THROTTLED : TASK_READY;
        return;
    }
    fair_catch_up(rq, task);
    task->state = TASK_READY;
    if (rq->fair_ready++ == 0 && rq->reserved != 0) {
        job_resume(&rq->server, now);
    }
}

/* A reserved task's jobs may be as late as urgent tasks, the server and other jobs' lateness make them. */
static uint64_t late(const struct runqueue *rq, const struct task *task) {
    return MAX(task->job.period, 4 * rq->quantum);
}

/* From THROTTLED, as its period has ended. */
static void release(const struct runqueue *rq, struct task *task, uint64_t now) {
    job_next(&task->job, now, late(rq, task));
    task->state = TASK_READY;
}

/* A READY task's budget is gone. */
static void job_used(struct runqueue *rq, struct task *task, uint64_t now) {
    task->urgent = false;
    if (!is_reserved(task)) {
        fair_next(rq, task);
    } else if (now < task->job.deadline) {
        retire(rq, task, TASK_THROTTLED);
    } else {
        job_next(&task->job, now, late(rq, task));
    }
}

bool runqueue_admit(struct runqueue *rq, struct task *task, uint32_t weight) {
    if (rq->tasks == HEAP_MAX) {
        return false;
    }
    rq->tasks++;
    uint64_t stride = stride_of(rq, weight);
    *task = (struct task){
        .weight = weight,
        .stride = stride,
        .tag = rq->now_virtual + stride,
        .job = {.budget = rq->quantum, .left = rq->quantum},
    };
    return true;
}

void runqueue_leave(struct runqueue *rq, struct task *task) {
    runqueue_block(rq, task);
    rq->reserved -= task->share;
    rq->tasks--;
    server_resize(rq);
}

/* Give it another weight: as far ahead in ticks as before, rounded so that nobody gains by changing often. */
static void reweigh(const struct runqueue *rq, struct task *task, uint32_t weight) {
    uint64_t ahead = task->tag > rq->now_virtual ? MIN(task->tag - rq->now_virtual, task->stride) : 0;
    uint64_t scaled = (ahead * task->weight + weight - 1) / weight;
    task->weight = weight;
    task->stride = stride_of(rq, weight);
    task->tag = rq->now_virtual + MIN(scaled, task->stride);
}

static void shares_change(struct runqueue *rq, uint32_t from, uint32_t to, uint64_t now) {
    bool kept = rq->reserved != 0; /* else the server was not kept up to date */
    rq->reserved = rq->reserved - from + to;
    server_resize(rq);
    if (!kept) {
        job_begin(&rq->server, now);
    }
}

/* Become best effort or reserved, as `to` says; queued, running or away as before. */
static void change(struct runqueue *rq, struct task *task, const struct task *to, uint64_t now) {
    bool queued = task->node.place != 0, away = task->state == TASK_AWAY;
    runqueue_block(rq, task);
    shares_change(rq, task->share, to->share, now);
    *task = *to;
    task->node.place = 0;
    task->state = TASK_AWAY;
    if (!away) {
        arrive(rq, task, now);
        task->urgent = to->urgent && task->tag <= rq->now_virtual;
    }
    if (queued) {
        enqueue(rq, task);
    }
}

bool runqueue_set_weight(struct runqueue *rq, struct task *task, uint64_t weight, uint64_t now) {
    if (weight == 0 || weight > RUNQUEUE_WEIGHT_MAX) {
        return false;
    }
    if (rq->policy == RUNQUEUE_RUN_TO_BLOCK) {
        return true; /* nothing to weigh */
    }
    struct task to = *task;
    reweigh(rq, &to, (uint32_t)weight);
    if (is_reserved(task)) {
        to.share = 0;
        to.job = (struct job){.budget = rq->quantum, .left = rq->quantum};
    }
    change(rq, task, &to, now);
    return true;
}

void runqueue_add_weight(struct runqueue *rq, struct task *task, int64_t more, uint64_t now) {
    uint32_t sum = (uint32_t)MIN(task->weight + more, RUNQUEUE_WEIGHT_MAX);
    if (more == 0 || is_reserved(task)) {
        task->weight = sum; /* it is weighed anew when it is best effort again */
        return;
    }
    bool good = runqueue_set_weight(rq, task, sum, now);
    KASSERT(good);
}

static bool is_admissible(const struct runqueue *rq, const struct reservation *wanted) {
    return rq->policy == RUNQUEUE_RBED && wanted->budget >= rq->quantum / RUNQUEUE_GRAIN &&
           wanted->budget <= wanted->period && wanted->period <= RUNQUEUE_PERIOD_MAX;
}

bool runqueue_reserve(struct runqueue *rq, struct task *task, const struct reservation *wanted, uint64_t now) {
    if (!is_admissible(rq, wanted)) {
        return false;
    }
    uint64_t share = (wanted->budget * RUNQUEUE_WHOLE + wanted->period - 1) / wanted->period;
    if (rq->reserved - task->share + share > RUNQUEUE_RESERVABLE) {
        return false;
    }
    struct task to = *task;
    to.urgent = false;
    to.share = (uint32_t)share;
    to.job.budget = wanted->budget;
    to.job.period = wanted->period;
    if (is_reserved(task)) { /* the current job keeps its deadline, hence its place */
        shares_change(rq, task->share, to.share, now);
        to.job.left = MIN(task->job.left, wanted->budget);
        *task = to;
        return true;
    }
    to.tag = task->tag + task->stride; /* its best-effort job is over */
    to.job.left = 0;
    to.job.deadline = now + wanted->period;
    change(rq, task, &to, now);
    return true;
}

static void wake(struct runqueue *rq, struct task *task, uint64_t now) {
    KASSERT(task->node.place == 0 && task->state == TASK_AWAY);
    if (rq->policy == RUNQUEUE_RBED) {
        arrive(rq, task, now);
        task->urgent = !is_reserved(task) && task->tag <= rq->now_virtual;
    }
}

void runqueue_ready(struct runqueue *rq, struct task *task, uint64_t now) {
    wake(rq, task, now);
    enqueue(rq, task);
}

/* The common case of what preempts() and next() would come to; they decide the others. */
bool runqueue_ready_over(struct runqueue *rq, struct task *task, const struct task *running, uint64_t now) {
    wake(rq, task, now);
    bool urgent = task->urgent && none_urgent(rq, running);
    if (rq->policy == RUNQUEUE_RUN_TO_BLOCK ? task->first : urgent) {
        return true;
    }
    enqueue(rq, task);
    return false;
}

void runqueue_hurry(struct runqueue *rq, struct task *task) {
    bool may = task->state == TASK_READY && !is_reserved(task) && task->job.left != 0;
    if (rq->policy == RUNQUEUE_RBED && may && task->node.place != 0 && task->tag <= rq->now_virtual) {
        dequeue(rq, task);
        task->urgent = true;
        enqueue(rq, task);
    }
}

bool runqueue_resume(struct runqueue *rq, struct task *task, uint64_t now) {
    if (rq->policy != RUNQUEUE_RBED || rq->reserved != 0 || runqueue_any(rq)) {
        return false;
    }
    KASSERT(task->node.place == 0 && task->state == TASK_AWAY);
    arrive(rq, task, now);
    task->urgent = task->tag <= rq->now_virtual;
    rq->now_virtual = MAX(rq->now_virtual, task->tag);
    return true;
}

void runqueue_continue(struct runqueue *rq, struct task *task, uint64_t now) {
    if (task->state == TASK_READY) {
        if (task->job.left == 0) {
            job_used(rq, task, now);
        }
    } else if (task->state == TASK_THROTTLED) {
        if (now >= task->job.deadline) {
            release(rq, task, now);
        }
    } else if (rq->policy == RUNQUEUE_RBED) {
        arrive(rq, task, now);
    }
}

void runqueue_requeue(struct runqueue *rq, struct task *task, uint64_t now) {
    KASSERT(task->node.place == 0);
    runqueue_continue(rq, task, now);
    enqueue(rq, task);
}

void runqueue_yield(struct runqueue *rq, struct task *task, uint64_t now) {
    runqueue_continue(rq, task, now);
    if (is_reserved(task) || rq->policy == RUNQUEUE_RUN_TO_BLOCK) {
        task->urgent = false;
        enqueue(rq, task);
        return;
    }
    fair_catch_up(rq, task);
    task->urgent = false;
    task->node.key = MAX(task->tag, rq->now_virtual) + task->stride;
    heap_insert(&rq->fair, &task->node);
}

void runqueue_block(struct runqueue *rq, struct task *task) {
    dequeue(rq, task);
    retire(rq, task, TASK_AWAY);
}

void runqueue_take(struct runqueue *rq, struct task *task) {
    dequeue(rq, task);
}

/* The best-effort server pays too: while reserved tasks wait out of its rate, to the tick; else without a debt. */
static void server_charge(struct runqueue *rq, uint64_t ticks, uint64_t now) {
    struct job *server = &rq->server;
    uint64_t over = ticks - MIN(ticks, server->left);
    job_charge(server, ticks);
    if (server->left != 0) {
        return;
    }
    if (rq->reservations.count != 0) {
        job_next(server, now, server->period);
        job_charge(server, MIN(over, server->budget - 1));
    } else {
        job_begin(server, now);
    }
}

void runqueue_charge(struct runqueue *rq, struct task *task, uint64_t since, uint64_t now) {
    if (rq->policy == RUNQUEUE_RUN_TO_BLOCK) {
        return;
    }
    job_charge(&task->job, now - since);
    if (rq->reserved != 0 && !is_reserved(task)) {
        server_charge(rq, now - since, now);
    }
}

/* Throttled tasks whose period has ended begin the next. */
static void release_due(struct runqueue *rq, uint64_t now) {
    for (struct task *task; (task = task_of(heap_first(&rq->throttled))) != NULL && task->job.deadline <= now;) {
        dequeue(rq, task);
        release(rq, task, now);
        enqueue(rq, task);
    }
}

/* Whose turn it is, of those that wait; NULL: nobody's. */
static struct task *choose(const struct runqueue *rq, uint64_t now) {
    struct task *fair = task_of(heap_first(&rq->fair)), *reserved = task_of(heap_first(&rq->reservations));
    if (fair == NULL || reserved == NULL) {
        return fair == NULL ? reserved : fair;
    }
    return now >= fair_turn(rq, fair, reserved) ? fair : reserved;
}

static struct task *next_in_turn(struct runqueue *rq, uint64_t now) {
    for (struct task *task; (task = choose(rq, now)) != NULL;) {
        dequeue(rq, task);
        if (task->job.left != 0) {
            task->urgent &= rq->policy != RUNQUEUE_RUN_TO_BLOCK;
            return task;
        }
        job_used(rq, task, now); /* charged, or yielded, while it was queued */
        enqueue(rq, task);
    }
    return NULL;
}

struct task *runqueue_next(struct runqueue *rq, uint64_t now) {
    if (UNLIKELY(rq->throttled.count != 0)) {
        release_due(rq, now);
    }
    struct task *task = next_in_turn(rq, now);
    if (task == NULL && (task = task_of(heap_first(&rq->throttled))) != NULL) {
        dequeue(rq, task);
    } else if (task != NULL && !task->urgent && !is_reserved(task)) {
        rq->now_virtual = MAX(rq->now_virtual, task->tag);
    }
    return task;
}

bool runqueue_preempts(struct runqueue *rq, const struct task *running, uint64_t now) {
    release_due(rq, now);
    const struct task *best = choose(rq, now);
    if (rq->policy == RUNQUEUE_RUN_TO_BLOCK) {
        return best != NULL && best->first && !running->first;
    }
    if (best == NULL || running->job.left == 0) {
        return best != NULL;
    }
    if (is_reserved(best)) {
        return is_reserved(running) ? best->job.deadline < running->job.deadline : now < fair_turn(rq, running, best);
    }
    return is_reserved(running) ? now >= fair_turn(rq, best, running) : best->urgent && !running->urgent;
}

uint64_t runqueue_release(const struct runqueue *rq) {
    const struct task *task = task_of(heap_first(&rq->throttled));
    return task == NULL ? UINT64_MAX : task->job.deadline;
}
