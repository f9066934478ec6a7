/*
 * See sim.h. The scheduler's file is included so that its queue can be looked at and reset between scenarios.
 */
#include "sim.h"

#include <setjmp.h>
#include <string.h>

#include "../../../kernel/core/schedule.c"

struct sim sim;
struct core_plan core_plan;
struct dispatcher *dispatcher_current;

static jmp_buf over;

enum trace { TRACE_RUN, TRACE_READY, TRACE_BLOCK, TRACE_GONE };
#define TRACE_NOBODY 0xffff

static void trace(enum trace what, uint64_t who, uint64_t payer_index) {
    sim_put(sim.now);
    sim_put(what | who << 16 | payer_index << 32);
}

static uint64_t index_of(const struct dispatcher *d) {
    return d == NULL ? TRACE_NOBODY : (uint64_t)(CONTAINER_OF(d, struct sim_task, d) - sim.task);
}

static uint64_t payer_index(void) {
    return payer == NULL ? TRACE_NOBODY : index_of(dispatcher_of_task(payer));
}

static uint64_t last_runner, last_payer;

static void trace_runner(void) {
    uint64_t runner = index_of(dispatcher_current), pays = payer_index();
    if (runner != last_runner || pays != last_payer) {
        trace(TRACE_RUN, runner, pays);
    }
    last_runner = runner;
    last_payer = pays;
}

/* What schedule.c asks of the CPU driver. */

uint64_t clock_now(void) {
    return sim.now;
}

uint64_t clock_tsc_khz(void) {
    return SIM_TICKS_PER_US * 1000UL;
}

void clock_arm(uint64_t deadline) {
    (void)deadline; /* schedule_armed says it */
}

err_t cap_end_step(void) {
    return ERR_OK;
}

void dispatcher_save(void) {}

void dispatcher_resume(void) {}

bool dispatcher_disabled(void) {
    return false;
}

void dispatcher_switch(struct dispatcher *d) {
    if (d->state != DISPATCHER_STATE_RUNNABLE && d->state != DISPATCHER_STATE_BLOCKED && d != dispatcher_current) {
        sim_fail("switch to a dispatcher that cannot run");
    }
    d->state = DISPATCHER_STATE_RUNNING;
    dispatcher_current = d;
    schedule_counters.switches++;
}

void dispatcher_enter(struct dispatcher *d) {
    dispatcher_switch(d);
}

/* Checks */

static size_t check_dispatchers(struct task *admitted[SIM_TASKS]) {
    size_t n = 0, sleeping = 0;
    for (uint64_t i = 0; i < sim.tasks; i++) {
        struct dispatcher *d = &sim.task[i].d;
        bool queued = d->task.node.place != 0, current = d == dispatcher_current,
             is_aside = d == schedule_aside || d == schedule_resumed;
        if (is_admitted(d) && d->state != DISPATCHER_STATE_STOPPED) {
            admitted[n++] = &d->task;
        }
        if (queued + current + is_aside != (d->state >= DISPATCHER_STATE_RUNNABLE)) {
            sim_fail("a dispatcher is in two places or in none");
        }
        sim.task[i].old_timer = sim.task[i].old_timer && d->timer.place != 0 && d->state != DISPATCHER_STATE_BLOCKED;
        bool due = d->state == DISPATCHER_STATE_BLOCKED || sim.task[i].old_timer;
        if (d->timer.place != 0 && (!due || !heap_contains(&timers, &d->timer))) {
            sim_fail("a timer of a dispatcher that is not blocked");
        }
        sleeping += d->timer.place != 0;
    }
    if (timers.count != sleeping) {
        sim_fail("timers are lost");
    }
    return n;
}

static void check_timer(void) {
    bool needed = dispatcher_current != NULL && (runqueue_waiting(&queue) || schedule_aside != NULL);
    if (needed && (schedule_armed == 0 || schedule_armed > schedule_slice_end)) {
        sim_fail("one waits, and no timer ends the slice of the one who runs");
    }
}

static void check(void) {
    struct task *admitted[SIM_TASKS];
    size_t n = check_dispatchers(admitted);
    check_queue(&queue, admitted, n, sim.now);
    check_timer();
    trace_runner();
}

/* Interrupts */

static uint64_t random_next(void) {
    sim.random ^= sim.random << 13;
    sim.random ^= sim.random >> 7;
    sim.random ^= sim.random << 17;
    return sim.random;
}

static struct sim_source *source_first(void) {
    struct sim_source *first = NULL;
    for (uint64_t i = 0; i < sim.sources; i++) {
        if (first == NULL || sim.source[i].next < first->next) {
            first = &sim.source[i];
        }
    }
    return first;
}

static uint64_t interrupt_next(void) {
    const struct sim_source *source = source_first();
    uint64_t external = source == NULL ? UINT64_MAX : source->next;
    return MIN(schedule_armed == 0 ? UINT64_MAX : schedule_armed, external);
}

static void notify(struct sim_task *task) {
    if (task->d.state == DISPATCHER_STATE_BLOCKED) {
        trace(TRACE_READY, index_of(&task->d), 0);
        schedule_wake(&task->d);
    } else if (&task->d == dispatcher_current) {
        schedule_nudge();
    } else if (task->d.state == DISPATCHER_STATE_RUNNABLE) {
        schedule_hurry(&task->d);
    }
}

static void source_fires(struct sim_source *source) {
    uint64_t pause = source->period;
    if (source->irregular != 0) {
        pause = pause / 2 + random_next() % (pause + 1);
    }
    source->next += MAX(pause, 1);
    notify(&sim.task[source->target]);
}

static void interrupt(bool from_user) {
    schedule_interrupt_begin(from_user);
    struct sim_source *source = source_first();
    if (source != NULL && source->next <= sim.now) {
        source_fires(source);
    } else {
        for (uint64_t i = 0; i < sim.tasks; i++) {
            const struct dispatcher *d = &sim.task[i].d;
            if (d->timer.place != 0 && d->timer.key <= sim.now) {
                trace(TRACE_READY, i, 0);
            }
        }
        schedule_timer();
    }
    schedule_interrupt_end();
    if (from_user) {
        check();
    }
}

void idle_halt(void) {
    trace_runner();
    for (uint64_t i = 0; i < sim.tasks; i++) {
        if (sim.task[i].d.state >= DISPATCHER_STATE_RUNNABLE) {
            sim_fail("the core idles, and one could run");
        }
    }
    sim.now = MAX(interrupt_next(), sim.now);
    if (sim.now >= sim.end) {
        sim.now = sim.end;
        longjmp(over, 1);
    }
    interrupt(false);
}

/* Programs */

static void start(struct sim_task *task) {
    if (task->d.state != DISPATCHER_STATE_NEW && task->d.state != DISPATCHER_STATE_STOPPED) {
        return;
    }
    static struct dispatcher_frame frame; /* nobody reads it */
    trace(TRACE_READY, index_of(&task->d), 0);
    task->d.frame = &frame;
    task->step = task->ran = 0;
    memset(&task->d.task, 0xa5, sizeof(task->d.task));
    if (schedule_start(&task->d, NULL) != ERR_OK ||
        (task->weight != 0 && schedule_set_weight(&task->d, task->weight, NULL)) ||
        (task->budget != 0 && schedule_reserve(&task->d, task->budget, task->period))) {
        sim_fail("a task is refused");
    }
    if (task->first != 0) {
        schedule_prefer(&task->d);
    }
}

static void step_exit(struct sim_task *task) {
    trace(TRACE_GONE, index_of(&task->d), 0);
    schedule_stop(&task->d, NULL);
    task->d.state = DISPATCHER_STATE_STOPPED;
    schedule_next();
}

static void step_block(struct sim_task *task, uint64_t ticks) {
    trace(TRACE_BLOCK, index_of(&task->d), 0);
    schedule_block(ticks == 0 ? 0 : sim.now + ticks);
    schedule_next();
}

/* As lrpc_fast.S does it, in every other case that it takes. */
static bool called_fast(struct sim_task *to) {
    bool timer_runs = schedule_armed != 0 && schedule_armed <= schedule_slice_end;
    if (to->d.state != DISPATCHER_STATE_BLOCKED || schedule_aside != NULL || !timer_runs || sim.fast++ % 2 != 0) {
        return false;
    }
    to->old_timer = to->d.timer.place != 0;
    dispatcher_current->state = DISPATCHER_STATE_RUNNABLE;
    schedule_aside = dispatcher_current;
    dispatcher_switch(&to->d);
    return true;
}

/* As lrpc.c does it. */
static void step_call(struct sim_task *to) {
    if (to->d.state < DISPATCHER_STATE_BLOCKED || &to->d == dispatcher_current) {
        return;
    }
    if (to->d.state == DISPATCHER_STATE_BLOCKED) {
        trace(TRACE_READY, index_of(&to->d), 0);
    }
    if (!called_fast(to)) {
        schedule_directed(&to->d);
    }
}

/* As dispatcher_signal() and the end of its invocation do it. */
static void step_notify(struct sim_task *to) {
    if (to->d.state == DISPATCHER_STATE_BLOCKED) {
        trace(TRACE_READY, index_of(&to->d), 0);
        schedule_hand_over(&to->d);
        schedule_settle();
    }
}

static void system_call(struct sim_task *task, const struct sim_step *step) {
    struct sim_task *other = &sim.task[step->a % SIM_TASKS];
    err_t refused = ERR_OK; /* is part of the game */
    switch ((enum sim_op)step->op) {
    case STEP_BLOCK:
        return step_block(task, step->a);
    case STEP_YIELD:
        return schedule_yield(step->a < sim.tasks ? &other->d : NULL);
    case STEP_CALL:
        return step_call(other);
    case STEP_NOTIFY:
        return step_notify(other);
    case STEP_WEIGHT:
        refused = schedule_set_weight(&task->d, step->a, NULL);
        break;
    case STEP_RESERVE:
        refused = schedule_reserve(&task->d, step->a, step->b);
        break;
    case STEP_START:
        return start(other);
    case STEP_EXIT:
        return step_exit(task);
    case STEP_RUN:
        break;
    }
    (void)refused;
}

/* User mode until something happens. */
static void go_on(void) {
    struct sim_task *task = CONTAINER_OF(dispatcher_current, struct sim_task, d);
    const struct sim_step *step = &task->program[task->step];
    uint64_t left = step->op == STEP_RUN ? step->a - task->ran : sim.cost;
    uint64_t until = MIN(interrupt_next(), sim.end);
    uint64_t ticks = until > sim.now ? MIN(left, until - sim.now) : 0;
    if (step->op == STEP_RUN) {
        sim.now += ticks;
        task->ran += ticks;
        if (ticks < left) {
            return sim.now < sim.end ? interrupt(true) : (void)0;
        }
    } else {
        sim.now += left;
    }
    task->step = (task->step + 1) % task->steps;
    task->ran = 0;
    if (step->op != STEP_RUN) {
        system_call(task, step);
        check();
    }
    if (interrupt_next() <= sim.now && sim.now < sim.end) {
        interrupt(true);
    }
}

/* Scenarios */

static void forget_all(void) {
    schedule_aside = schedule_resumed = NULL;
    schedule_armed = 0;
    dispatcher_current = NULL;
    payer = NULL;
    memset(&timers, 0, sizeof(timers));
    paid = schedule_slice_end = 0;
    handed = NULL;
    in_interrupt = nudged = idling = false; /* a scenario may end while the core idles */
    memset(&sim, 0, sizeof(sim));
    last_runner = last_payer = TRACE_NOBODY;
    check_begin();
}

static const uint64_t *task_read(const uint64_t *word, struct sim_task *task) {
    task->weight = word[0];
    task->budget = word[1];
    task->period = word[2];
    task->started = word[3] & 1;
    task->first = word[3] >> 1;
    task->steps = word[4];
    memcpy(task->program, word + 5, task->steps * sizeof(struct sim_step));
    return word + 5 + task->steps * 3;
}

static void scenario_read(const uint64_t *word) {
    core_plan =
        (struct core_plan){.scheduler = (uint32_t)word[0], .timeslice_us = (uint32_t)word[1], .tickless = word[2] != 0};
    schedule_init(word[3] != 0);
    sim.cost = word[4];
    sim.end = word[5];
    sim.random = word[6] | 1;
    sim.tasks = word[7];
    sim.sources = word[8];
    word += 9;
    for (uint64_t i = 0; i < sim.tasks; i++) {
        word = task_read(word, &sim.task[i]);
    }
    memcpy(sim.source, word, sim.sources * sizeof(struct sim_source));
}

void sim_run(const uint64_t *word, size_t count) {
    (void)count;
    forget_all();
    scenario_read(word);
    if (setjmp(over) == 0) {
        for (uint64_t i = 0; i < sim.tasks; i++) {
            if (sim.task[i].started != 0) {
                start(&sim.task[i]);
            }
        }
        schedule_next();
        check();
        while (sim.now < sim.end) {
            go_on();
        }
    }
    charge(sim.now);
    trace(TRACE_RUN, TRACE_NOBODY, TRACE_NOBODY);
    for (uint64_t i = 0; i < sim.tasks; i++) {
        sim_put(sim.task[i].d.ticks);
    }
}
