/*
 * See schedule.h. Runnable dispatchers are in the run queue, except the current one and at most one `aside`: the sender
 * of a directed switch, which is likely to be switched back to before anybody else is chosen.
 */
#include "core/schedule.h"

#include "core/plan.h"
#include "core/timers.h"
#include "core/trace.h"
#include "x86_64/clock.h"
#include "x86_64/context.h"
#include "x86_64/idle.h"

#define EMULATED_SLICE_US 1000 /* longer would let one core's loop hold up all others */

struct schedule_counters schedule_counters;
struct dispatcher *schedule_aside;
struct dispatcher *schedule_resumed;
uint64_t schedule_armed;
uint64_t schedule_slice_end;

static struct runqueue queue;
static struct task *payer;        /* whose budget is running */
static uint64_t paid;             /* TSC up to which it is charged */
static uint64_t tick;             /* longest slice */
static bool always_tick;          /* while busy, even with nobody waiting */
static struct dispatcher *handed; /* whom the invocation under way hands the core to */
static bool idling;
static struct dispatcher *woken; /* or hurried by this interrupt, to run in the current one's place; in no queue */
static bool in_interrupt, of_user;
static bool nudged; /* the current dispatcher, by the interrupt being handled */

static struct dispatcher *dispatcher_of_task(struct task *task) {
    return CONTAINER_OF(task, struct dispatcher, task);
}

void schedule_init(bool emulated) {
    uint64_t ticks_per_us = clock_tsc_khz() / 1000;
    uint64_t quantum = core_plan.timeslice_us * ticks_per_us;
    always_tick = emulated || !core_plan.tickless;
    tick = emulated ? MIN(quantum, EMULATED_SLICE_US * ticks_per_us) : quantum;
    runqueue_init(&queue, core_plan.scheduler, quantum);
}

void schedule_prefer(struct dispatcher *d) {
    d->task.first = true;
}

static bool is_admitted(const struct dispatcher *d) {
    return d->state >= DISPATCHER_STATE_BLOCKED;
}

void schedule_stop(struct dispatcher *d, struct dispatcher *heir) {
    if (heir != NULL && heir != d && is_admitted(heir)) {
        runqueue_add_weight(&queue, &heir->task, d->task.weight, clock_now());
        d->task.weight = 0;
    }
    if (!is_admitted(d)) {
        return;
    }
    timers_forget(d);
    schedule_aside = schedule_aside == d ? NULL : schedule_aside;
    payer = payer == &d->task ? NULL : payer;
    runqueue_leave(&queue, &d->task);
}

/* A dispatcher cannot give itself any: its weight only falls, and then nobody has the difference. */
err_t schedule_set_weight(struct dispatcher *d, uint64_t weight, struct dispatcher *giver) {
    uint64_t now = clock_now();
    if (!is_admitted(d) || weight > RUNQUEUE_WEIGHT_MAX) {
        return ERR_ARGUMENT;
    }
    uint32_t before = d->task.weight;
    if (giver != NULL && weight > before && (giver == d || weight - before >= giver->task.weight)) {
        return ERR_ARGUMENT;
    }
    if (!runqueue_set_weight(&queue, &d->task, weight, now)) {
        return ERR_ARGUMENT;
    }
    if (giver != NULL && giver != d) {
        runqueue_add_weight(&queue, &giver->task, (int64_t)before - d->task.weight, now);
    }
    return ERR_OK;
}

err_t schedule_reserve(struct dispatcher *d, uint64_t budget, uint64_t period) {
    struct reservation wanted = {budget, period};
    return is_admitted(d) && runqueue_reserve(&queue, &d->task, &wanted, clock_now()) ? ERR_OK : ERR_ARGUMENT;
}

/* Bring the payer's account up to date. */
static void charge(uint64_t now) {
    if (payer != NULL) {
        runqueue_charge(&queue, payer, paid, now);
        dispatcher_of_task(payer)->ticks += now - paid;
    }
    paid = now;
}

static void aside_return(uint64_t now) {
    if (schedule_aside != NULL) {
        runqueue_requeue(&queue, &schedule_aside->task, now);
        schedule_aside = NULL;
    }
}

/* Have the timer fire when the slice, the first deadline or the first throttling ends. An earlier interrupt than needed is
 * harmless and cheaper than writing the timer at every switch. */
static void timer_update(void) {
    bool waiting = runqueue_waiting(&queue) || schedule_aside != NULL;
    uint64_t wanted = runqueue_release(&queue);
    if (dispatcher_current != NULL && (waiting || always_tick)) {
        wanted = MIN(wanted, schedule_slice_end);
    }
    uint64_t deadline = timers_next();
    wanted = MIN(wanted, deadline);
    if (wanted != UINT64_MAX && (schedule_armed == 0 || schedule_armed > wanted)) {
        schedule_armed = wanted;
        clock_arm(wanted);
    }
}

/* The timer is there for the slice, if it was not needed before. */
static void timer_ensure(void) {
    if (schedule_armed == 0 || schedule_armed > schedule_slice_end) {
        timer_update();
    }
}

void schedule_block(uint64_t deadline) {
    struct dispatcher *d = dispatcher_current;
    d->state = DISPATCHER_STATE_BLOCKED;
    timers_set(d, deadline);
    charge(clock_now());
    runqueue_block(&queue, &d->task);
}

/* The payer may run for so long. */
static void slice_begin(uint64_t now) {
    uint64_t slice = runqueue_slice(&queue, payer, now);
    schedule_slice_end = now + MIN(slice, tick);
}

/* It competes with the payer from now on, who is charged first for what it had before. */
static void compete(struct dispatcher *d) {
    uint64_t now = clock_now();
    charge(now);
    d->state = DISPATCHER_STATE_RUNNABLE;
    if (idling && schedule_resumed == NULL && runqueue_resume(&queue, &d->task, now)) {
        schedule_resumed = d;
        return;
    }
    runqueue_ready(&queue, &d->task, now);
    if (!in_interrupt && payer != NULL) { /* nobody looks at the slice before the timer does */
        schedule_slice_end = MIN(schedule_slice_end, now + runqueue_slice(&queue, payer, now));
        timer_ensure();
    }
}

err_t schedule_start(struct dispatcher *d, struct dispatcher *starter) {
    uint32_t weight = starter == NULL ? RUNQUEUE_WEIGHT_DEFAULT : starter->task.weight / 2;
    if (weight == 0 || !runqueue_admit(&queue, &d->task, weight)) {
        return ERR_NO_MEMORY;
    }
    if (starter != NULL) {
        runqueue_add_weight(&queue, &starter->task, -(int64_t)weight, clock_now());
    }
    compete(d);
    return ERR_OK;
}

void schedule_wake(struct dispatcher *d) {
    timers_forget(d);
    if (!in_interrupt || !of_user || woken != NULL || payer == NULL) {
        compete(d);
        return;
    }
    charge(clock_now());
    d->state = DISPATCHER_STATE_RUNNABLE;
    if (runqueue_ready_over(&queue, &d->task, payer, paid)) {
        woken = d;
    }
}

void schedule_nudge(void) {
    nudged |= in_interrupt;
}

/* Who runs on its budget goes on on its own. */
static void pay_oneself(uint64_t now) {
    runqueue_continue(&queue, &dispatcher_current->task, now);
    payer = &dispatcher_current->task;
    slice_begin(now);
}

/* Whoever is aside and has got news takes the core back like one that was asleep. */
static bool hurries_over(struct dispatcher *d) {
    const struct task *running = payer == &d->task ? &dispatcher_current->task : payer;
    return woken == NULL && running != NULL && runqueue_hurry_over(&queue, &d->task, running);
}

void schedule_hurry(struct dispatcher *d) {
    if (!in_interrupt || !of_user || d == woken) {
        return;
    }
    uint64_t now = clock_now();
    charge(now);
    if (d == schedule_aside && hurries_over(d)) {
        schedule_aside = NULL;
        woken = d;
        return;
    }
    if (payer == &d->task) {
        pay_oneself(now);
    }
    if (d == schedule_aside) {
        aside_return(now);
    }
    runqueue_hurry(&queue, &d->task);
}

void schedule_requeue(void) {
    uint64_t now = clock_now();
    charge(now);
    dispatcher_current->state = DISPATCHER_STATE_RUNNABLE;
    runqueue_requeue(&queue, &dispatcher_current->task, now);
}

/* Halt until an interrupt makes something runnable. The task to run: mostly nobody competes with the one that was woken. */
static struct task *idle(void) {
    uint64_t begin = clock_now();
    trace_switch(NULL);
    dispatcher_current = NULL;
    payer = NULL;
    schedule_counters.idle_times++;
    idling = true;
    while (schedule_resumed == NULL && !runqueue_any(&queue)) {
        timer_update();
        if (cap_end_step() == ERR_CONTINUE) {
            idle_poll(); /* there is work, but interrupts come first */
        } else {
            idle_halt();
        }
    }
    idling = false;
    uint64_t now = clock_now();
    schedule_counters.idle_ticks += now - begin;
    struct dispatcher *d = schedule_resumed;
    schedule_resumed = NULL;
    if (d != NULL && !runqueue_any(&queue)) {
        return &d->task;
    }
    if (d != NULL) {
        runqueue_requeue(&queue, &d->task, now);
    }
    return runqueue_next(&queue, now);
}

void schedule_next(void) {
    uint64_t now = clock_now();
    charge(now);
    aside_return(now);
    struct task *task = runqueue_any(&queue) ? runqueue_next(&queue, now) : NULL;
    if (task == NULL) {
        task = idle();
        now = clock_now();
    }
    struct dispatcher *d = dispatcher_of_task(task);
    payer = task;
    paid = now;
    slice_begin(now);
    dispatcher_contended(d, runqueue_waiting(&queue));
    dispatcher_enter(d);
    timer_update();
}

void schedule_yield(struct dispatcher *to) {
    dispatcher_save();
    if (to == NULL || to == dispatcher_current || to->state != DISPATCHER_STATE_RUNNABLE) {
        uint64_t now = clock_now();
        charge(now);
        dispatcher_current->state = DISPATCHER_STATE_RUNNABLE;
        runqueue_yield(&queue, &dispatcher_current->task, now);
        schedule_next();
        return;
    }
    schedule_directed(to);
    dispatcher_resume();
}

void schedule_directed(struct dispatcher *to) {
    struct dispatcher *from = dispatcher_current;
    if (to == schedule_aside) {
        schedule_aside = NULL;
    } else {
        uint64_t now = clock_now();
        timers_forget(to);
        runqueue_take(&queue, &to->task);
        aside_return(now);
        if (now >= schedule_slice_end && !runqueue_waiting(&queue)) { /* the sender's slice ran out unheeded */
            charge(now);
            pay_oneself(now);
        }
    }
    from->state = DISPATCHER_STATE_RUNNABLE;
    schedule_aside = from;
    dispatcher_switch(to);
    timer_ensure();
}

void schedule_hand_over(struct dispatcher *to) {
    handed = to;
}

/* Off the hot path: something has to be switched. */
static void settle(struct dispatcher *to) {
    handed = NULL;
    if (dispatcher_current->state == DISPATCHER_STATE_RUNNING) {
        dispatcher_save();
        schedule_directed(to);
        dispatcher_resume();
        return;
    }
    if (to != NULL) {
        schedule_wake(to);
    }
    schedule_next();
}

void schedule_settle(void) {
    if (UNLIKELY(handed != NULL || dispatcher_current->state != DISPATCHER_STATE_RUNNING)) {
        settle(handed);
    }
}

void schedule_interrupt_begin(bool from_user) {
    in_interrupt = true;
    of_user = from_user;
    nudged = false;
}

/* Must the current dispatcher give way, be it to itself with a new budget? */
static bool preempted(void) {
    uint64_t now = clock_now();
    charge(now);
    if (payer == NULL || runqueue_preempts(&queue, payer, now) || (now >= schedule_slice_end && payer->job.left == 0)) {
        return true;
    }
    slice_begin(now);
    return false;
}

/* The woken one has the core at once; whoever had it is aside until somebody else is chosen. */
static void take_over(struct dispatcher *d) {
    woken = NULL;
    dispatcher_save();
    dispatcher_current->state = DISPATCHER_STATE_RUNNABLE;
    runqueue_interrupted(&queue, &dispatcher_current->task);
    aside_return(paid);
    schedule_aside = dispatcher_current;
    payer = &d->task;
    slice_begin(paid);
    dispatcher_contended(d, true);
    dispatcher_enter(d);
    timer_ensure();
}

void schedule_interrupt_end(void) {
    in_interrupt = false;
    if (!of_user) {
        return;
    }
    if (woken != NULL) {
        take_over(woken);
        return;
    }
    bool give_way = preempted();
    if (give_way) {
        dispatcher_save();
        runqueue_interrupted(&queue, &dispatcher_current->task);
        schedule_requeue();
        schedule_next();
    } else if (nudged && !dispatcher_disabled()) {
        dispatcher_save();
        dispatcher_resume();
    }
    timer_update();
}

void schedule_timer(void) {
    schedule_armed = 0;
    for (struct dispatcher *d; (d = timers_due()) != NULL;) {
        schedule_wake(d);
    }
}
