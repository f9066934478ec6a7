/* A pairing heap: starting is a constant number of steps, firing and stopping a logarithmic number on average.
   [Fredman, Sedgewick, Sleator, Tarjan: The pairing heap, 1986] */
#include <skerry/event.h>
#include <skerry/time.h>
#include <skerry/timer.h>

#include "lib/fibre_internal.h"

static struct timer *soonest;

/* Two heaps to one; either may be empty. */
static struct timer *meld(struct timer *a, struct timer *b) {
    if (a == NULL || b == NULL) {
        return a != NULL ? a : b;
    }
    if (b->deadline < a->deadline) {
        struct timer *c = a;
        a = b;
        b = c;
    }
    b->next = a->child;
    b->before = a;
    if (a->child != NULL) {
        a->child->before = b;
    }
    a->child = b;
    return a;
}

/* All siblings to one heap: in pairs from the left, then these pairs from the right. */
static struct timer *meld_siblings(struct timer *first) {
    struct timer *pairs = NULL;
    while (first != NULL) {
        struct timer *a = first, *b = first->next;
        first = b != NULL ? b->next : NULL;
        struct timer *pair = meld(a, b);
        pair->next = pairs;
        pairs = pair;
    }
    struct timer *heap = NULL;
    while (pairs != NULL) {
        struct timer *pair = pairs;
        pairs = pair->next;
        heap = meld(heap, pair);
    }
    if (heap != NULL) {
        heap->next = heap->before = NULL;
    }
    return heap;
}

static void cut(struct timer *timer) {
    if (timer->before->child == timer) {
        timer->before->child = timer->next;
    } else {
        timer->before->next = timer->next;
    }
    if (timer->next != NULL) {
        timer->next->before = timer->before;
    }
}

static void heap_remove(struct timer *timer) {
    struct timer *rest = meld_siblings(timer->child);
    if (timer == soonest) {
        soonest = rest;
    } else {
        cut(timer);
        soonest = meld(soonest, rest);
    }
    timer->deadline = 0;
    timer->child = timer->next = timer->before = NULL;
}

void timer_stop(struct timer *timer) {
    PINNED();
    if (timer->deadline != 0) {
        heap_remove(timer);
    }
}

void timer_start(struct timer *timer, uint64_t deadline) {
    PINNED();
    timer_stop(timer);
    if (deadline == 0) {
        return;
    }
    timer->deadline = deadline;
    timer->child = timer->next = timer->before = NULL;
    soonest = meld(soonest, timer);
}

uint64_t timers_next(void) {
    return soonest != NULL ? soonest->deadline : 0;
}

/* A periodic timer that is late by more than a period fires once and keeps its beat. */
static void fire(struct timer *timer, uint64_t now) {
    uint64_t deadline = timer->deadline;
    timer_stop(timer);
    if (timer->period != 0) {
        timer_start(timer, deadline + ((now - deadline) / timer->period + 1) * timer->period);
    }
    if (timer->run != NULL) {
        timer->run(timer);
    } else {
        event_raise(timer->event);
    }
}

bool timers_expire(void) {
    bool any = false;
    while (soonest != NULL && soonest->deadline <= time_now()) {
        fire(soonest, time_now());
        any = true;
    }
    return any;
}
