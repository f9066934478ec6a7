/*
 * What must hold of a run queue whenever none of its functions is at work.
 */
#include <stdio.h>

#include "sim.h"

static uint64_t virtual_before;

#define HOLDS(condition) ((condition) ? (void)0 : sim_fail(#condition))

void check_begin(void) {
    virtual_before = 0;
}

static bool after(const struct heap_node *a, const struct heap_node *b) {
    return a->key != b->key ? a->key > b->key : a->order > b->order;
}

static void check_heap(const struct heap *heap) {
    HOLDS(heap->count <= HEAP_MAX);
    for (uint32_t i = 1; i <= heap->count; i++) {
        HOLDS(heap->node[i]->place == i);
        HOLDS(heap->node[i]->order < heap->inserted);
        HOLDS(i == 1 || after(heap->node[i], heap->node[i / 2]));
    }
}

static void check_reserved(const struct runqueue *rq, const struct task *t, uint64_t now) {
    HOLDS(rq->policy == RUNQUEUE_RBED);
    HOLDS(!t->urgent);
    HOLDS(t->job.budget >= rq->quantum / RUNQUEUE_GRAIN && t->job.budget <= t->job.period);
    HOLDS(t->job.left <= t->job.budget);
    HOLDS(t->state != TASK_THROTTLED || t->job.left == 0);
    HOLDS((unsigned __int128)t->job.budget * RUNQUEUE_WHOLE <= (unsigned __int128)t->share * t->job.period);
    HOLDS(t->job.deadline <= now + RUNQUEUE_PERIOD_MAX);
}

static void check_fair(const struct runqueue *rq, const struct task *t) {
    HOLDS(t->state != TASK_THROTTLED);
    HOLDS(t->job.budget == rq->quantum && t->job.left <= rq->quantum);
    HOLDS(t->weight >= 1 && t->weight <= RUNQUEUE_WEIGHT_MAX);
    HOLDS(t->stride >= 1 && t->tag >= 1);
    HOLDS(t->tag <= rq->now_virtual + t->stride);
    HOLDS(t->state != TASK_READY || !t->urgent || t->tag <= rq->now_virtual);
}

static void check_place(const struct runqueue *rq, const struct task *t) {
    const struct heap *heap = t->state == TASK_THROTTLED ? &rq->throttled
                              : t->share != 0            ? &rq->reservations
                                                         : &rq->fair;
    uint64_t key = t->share != 0 ? t->job.deadline : t->urgent || rq->policy == RUNQUEUE_RUN_TO_BLOCK ? 0 : t->tag;
    HOLDS(heap_contains(heap, &t->node));
    bool yielded = heap == &rq->fair && !t->urgent && t->node.key > key;
    HOLDS(t->node.key == key || (yielded && t->node.key <= MAX(t->tag, rq->now_virtual) + t->stride));
    HOLDS(t->state != TASK_AWAY || rq->policy == RUNQUEUE_RUN_TO_BLOCK);
}

static void check_server(const struct runqueue *rq) {
    HOLDS(rq->server.budget == rq->quantum && rq->server.left <= rq->quantum);
    HOLDS(rq->server.period >= rq->quantum &&
          rq->server.period <= rq->quantum * RUNQUEUE_WHOLE / (RUNQUEUE_WHOLE - RUNQUEUE_RESERVABLE));
    HOLDS(rq->reserved == 0 || rq->server.left > 0);
}

void check_queue(const struct runqueue *rq, struct task *const task[], size_t n, uint64_t now) {
    uint32_t queued = 0, reserved = 0, fair_ready = 0;
    check_heap(&rq->fair);
    check_heap(&rq->reservations);
    check_heap(&rq->throttled);
    check_server(rq);
    HOLDS(rq->now_virtual >= virtual_before);
    virtual_before = rq->now_virtual;
    for (size_t i = 0; i < n; i++) {
        const struct task *t = task[i];
        if (t->share != 0) {
            check_reserved(rq, t, now);
        } else {
            check_fair(rq, t);
        }
        if (t->node.place != 0) {
            check_place(rq, t);
            queued++;
        }
        reserved += t->share;
        fair_ready += t->share == 0 && t->state == TASK_READY;
    }
    HOLDS(rq->tasks == n);
    HOLDS(rq->reserved == reserved && reserved <= RUNQUEUE_RESERVABLE);
    HOLDS(rq->fair_ready == fair_ready);
    HOLDS(rq->fair.count + rq->reservations.count + rq->throttled.count == queued);
}
