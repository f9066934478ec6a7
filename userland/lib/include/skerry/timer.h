/* Timers: something to do at a time, by whoever waits then. They are kept in a heap, so there may be many.
   Deadlines are TSC values with the resolution of the CPU's clock (time.h converts nanoseconds); a timer never fires early.
   It fires late by as long as fibres run without waiting, or a thread to the end of its slice. */
#ifndef SKERRY_TIMER_H
#define SKERRY_TIMER_H

#include <skerry/base.h>

struct event;

struct timer {
    uint64_t deadline; /* 0: not started */
    uint64_t period;   /* ticks after which it fires again; 0: once */
    /* On the stack of whoever waits: wakes, raises, spawns; does not wait itself. NULL: raises `event`. */
    void (*run)(struct timer *timer);
    struct event *event;
    struct timer *child, *next, *before; /* the heap's: first child, next sibling, sibling or parent before it */
};

/* Starts it, or starts it again for another time. A deadline of 0 stops it. */
void timer_start(struct timer *timer, uint64_t deadline);
void timer_stop(struct timer *timer);

#endif
