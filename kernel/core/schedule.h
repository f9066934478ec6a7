/*
 * Which dispatcher runs on this core, and the timer: the run queue's policies (runqueue.h) applied to dispatchers.
 *
 * Blocked means blocked: with nothing to run the core halts without a tick. A busy core has a slice timer; on a tickless
 * one (core_plan) it runs only while another dispatcher waits, unless cores may share a host CPU (BOOT_FLAG_EMULATED).
 *
 * A wake-up by an interrupt takes the core at once, if the woken one has budget left. A directed switch (LRPC, signal) starts
 * no new slice: what the receiver does is charged to whoever had the core.
 *
 * Weight is given, never made: a new dispatcher has half of its starter's, what ends leaves its weight to who ended it. So a
 * domain's dispatchers, however many, together weigh what the monitor gave the first. The monitor gives freely.
 */
#pragma once

#include "core/dispatcher.h"

void schedule_init(bool emulated);

/* Let the dispatcher run for the first time, with half of the starter's weight; without a starter, with the default.
 * ERR_NO_MEMORY: no room for another, or no weight to halve. */
[[nodiscard]] err_t schedule_start(struct dispatcher *d, struct dispatcher *starter);

/* The monitor, once it has been started: see runqueue.h, run to block. */
void schedule_prefer(struct dispatcher *d);

/* Never run it again; its weight goes to `heir`. With none (NULL, or itself) it keeps its weight for the next time. */
void schedule_stop(struct dispatcher *d, struct dispatcher *heir);

/* Its share from now on: ERR_ARGUMENT for bad numbers, or more than can be reserved, or than the giver can spare, who gives
 * and gets the difference (NULL: nobody does). Times in TSC ticks. */
[[nodiscard]] err_t schedule_set_weight(struct dispatcher *d, uint64_t weight, struct dispatcher *giver);
[[nodiscard]] err_t schedule_reserve(struct dispatcher *d, uint64_t budget, uint64_t period);

/* The current dispatcher blocks until schedule_wake, or until the TSC reaches `deadline` (0: never). */
void schedule_block(uint64_t deadline);

/* Make a blocked dispatcher runnable. */
void schedule_wake(struct dispatcher *d);

/* The current dispatcher, saved, stays runnable; schedule_next() chooses. */
void schedule_requeue(void);

/* Enter the next dispatcher; halts until there is one. */
void schedule_next(void);

/* Like requeue and next, but `to` is next if it is runnable. */
void schedule_yield(struct dispatcher *to);

/* Make `to`, blocked or runnable, current at once; the current dispatcher, saved, stays runnable. Loads no context. */
void schedule_directed(struct dispatcher *to);

/* At the end of this invocation, switch to `to`, which is blocked and has something to do. */
void schedule_hand_over(struct dispatcher *to);

/* The end of an invocation: the switch that it asked for, or another dispatcher if it has ended its own. */
void schedule_settle(void);

/* The current dispatcher got a notification: if by an interrupt, it is upcalled unless disabled. */
void schedule_nudge(void);

/* One that is runnable got one: if by an interrupt, it goes before others as if it had been woken. Who hands the core to
 * somebody by a directed switch waits like this for its next turn. */
void schedule_hurry(struct dispatcher *d);

/* Bracket an interrupt's handling. */
void schedule_interrupt_begin(bool from_user);
void schedule_interrupt_end(void);

/* The timer's interrupt. */
void schedule_timer(void);

struct schedule_counters {
    uint64_t switches, idle_ticks, idle_times;
};
extern struct schedule_counters schedule_counters;

/* For the fast path of LRPC (x86_64/lrpc_fast.S), which does what schedule_directed() does in its simplest cases: */
extern struct dispatcher *schedule_aside;   /* runnable, but not in the queue; NULL: nobody */
extern struct dispatcher *schedule_resumed; /* the same, while a halted core comes back to run it */
extern uint64_t schedule_armed;             /* TSC at which the timer will fire; 0: it will not */
extern uint64_t schedule_slice_end;         /* TSC when the payer's budget ends, or it is time for a tick */
