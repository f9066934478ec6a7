/*
 * Deadlines of this core's dispatchers: of those that are blocked, and of some that a message has woken since (lrpc_fast.S
 * leaves theirs alone). Such a one is dropped when it comes, or when its dispatcher blocks again.
 */
#pragma once

#include "core/dispatcher.h"
#include "core/heap.h"

extern struct heap timers;

static inline void timers_forget(struct dispatcher *d) {
    if (d->timer.place != 0) {
        heap_remove(&timers, &d->timer);
    }
}

/* In place of an old one. Deadline 0: none. */
static inline void timers_set(struct dispatcher *d, uint64_t deadline) {
    timers_forget(d);
    if (deadline != 0 && timers.count < HEAP_MAX) {
        d->timer.key = deadline;
        heap_insert(&timers, &d->timer);
    }
}

/* The first deadline; UINT64_MAX: there is none. */
static inline uint64_t timers_next(void) {
    const struct heap_node *first = heap_first(&timers);
    return first == NULL ? UINT64_MAX : first->key;
}

/* A blocked dispatcher whose deadline has come, and is dropped; NULL: none, or no more. */
struct dispatcher *timers_due(void);
