/*
 * What the files of the run queue share.
 */
#pragma once

#include "core/runqueue.h"

static inline struct task *task_of(struct heap_node *node) {
    return node == NULL ? NULL : CONTAINER_OF(node, struct task, node);
}

static inline bool is_reserved(const struct task *task) {
    return task->share != 0;
}

/* Nobody would go before one that is urgent: no reservation, and neither the one that runs nor the first in the queue is urgent. */
static inline bool none_urgent(const struct runqueue *rq, const struct task *running) {
    const struct task *first = task_of(heap_first(&rq->fair));
    return rq->reserved == 0 && !running->urgent && (first == NULL || !first->urgent);
}

/* From when on this best-effort task goes before that reserved one. */
static inline uint64_t fair_turn(const struct runqueue *rq, const struct task *fair, const struct task *reserved) {
    const struct job *server = &rq->server;
    bool first = fair->urgent || server->deadline < reserved->job.deadline;
    return first ? server->deadline - server->period : UINT64_MAX;
}
