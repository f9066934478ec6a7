/* Fibres and the scheduler that runs where a fibre waits.
   There is no scheduler stack: whoever waits looks for the next ready context itself; while there is none it runs the
   event sources, and it blocks the dispatcher when these have been quiet for long enough.
   Invariant: a context is in exactly one of: running, the ready queue, one or more wait queues (and perhaps the heap of
   timers), the heap of timers alone (sleeping), replaced by its side, ended. */
#include "lib/fibre_internal.h"

#include <skerry/event.h>
#include <skerry/string.h>
#include <skerry/vspace.h>

#define READY_BEFORE_EVENTS 16
#define ALLOCATOR_STACK 2048 /* more than slots, RAM and page tables take together */

/* One place in one queue; on the stack of the fibre that waits. */
struct fibre_waiter {
    struct fibre_waiter *next, *before;
    struct fibre_queue *queue;
    struct fibre *fibre;
};

void fibre_enter(void);
NORETURN void fibre_main(void);

static struct fibre main_fibre = {.pins = 1, .pins_outside = 1, .name = "main"};
struct fibre *fibre_current = &main_fibre;
uint32_t fibre_give_way_wanted;

static struct fibre *finished; /* stacks to use again */
static struct fibre *retiring; /* has ended, but its stack is in use until the next switch */
static struct fibre *ready_first, *ready_last;
static uint32_t last_number;
static unsigned switches;

/* The allocators' stack, down to where they may come. */
void fibre_touch_stack(void) {
    fibre_touch((const char *)__builtin_frame_address(0) - ALLOCATOR_STACK, 1);
}

void fibre_give_way_now(void) {
    PINNED();
    fibre_give_way();
}

void fibre_ready(struct fibre *fibre) {
    fibre->next = NULL;
    if (ready_first != NULL) {
        ready_last->next = fibre;
    } else {
        ready_first = fibre;
    }
    ready_last = fibre;
}

static struct fibre *ready_take(void) {
    struct fibre *fibre = ready_first;
    if (fibre != NULL) {
        ready_first = fibre->next;
    }
    return fibre;
}

static void queue_put(struct fibre_queue *queue, struct fibre_waiter *waiter) {
    waiter->queue = queue;
    waiter->next = NULL;
    waiter->before = queue->last;
    *(queue->last != NULL ? &queue->last->next : &queue->first) = waiter;
    queue->last = waiter;
}

static void queue_remove(struct fibre_waiter *waiter) {
    struct fibre_queue *queue = waiter->queue;
    *(waiter->before != NULL ? &waiter->before->next : &queue->first) = waiter->next;
    *(waiter->next != NULL ? &waiter->next->before : &queue->last) = waiter->before;
}

/* It waits no more, wherever it did. */
static void end_wait(struct fibre *fibre, int woken_by) {
    for (unsigned i = 0; i < fibre->waiter_count; i++) {
        queue_remove(&fibre->waiters[i]);
    }
    fibre->waiter_count = 0;
    fibre->woken_by = woken_by;
    if (fibre->timer.deadline != 0) {
        timer_stop(&fibre->timer);
    }
    fibre_ready(fibre);
}

static void deadline_passed(struct timer *timer) {
    end_wait((struct fibre *)(void *)((char *)timer - offsetof(struct fibre, timer)), -1);
}

/* Nobody is ready: blocks, or waits a little, and looks for news. What has come already ends the block at once, and no source
   sleeps over it, so there is no need to look before. */
static void wait_for_events(void) {
    if (events_stay_awake()) {
        cpu_pause();
    } else {
        dispatcher_wait(timers_next());
    }
    (void)events_poll();
}

/* On the stack of another context. */
static void collect_retired(void) {
    struct fibre *fibre = retiring;
    retiring = NULL;
    if (fibre == NULL) {
        return;
    }
    if (fibre->reap != NULL) {
        fibre->reap(fibre);
    } else {
        fibre_release(fibre);
    }
}

/* Gives way. The caller has put the current context where it belongs; returns when it has been made ready again. */
static void schedule(void) {
    if (++switches % READY_BEFORE_EVENTS == 0) {
        (void)events_poll();
    }
    struct fibre *next;
    while ((next = ready_take()) == NULL) {
        wait_for_events();
    }
    if (next == fibre_current) {
        return;
    }
    struct fibre *before = fibre_current;
    fibre_current = next;
    if (next->tls != NULL) {
        tls_load(next);
    }
    fibre_switch(&before->rsp, next->rsp);
    collect_retired();
}

/* The fibre itself lies at the top of its stack. Stacks are kept for the next fibre. */
struct fibre *fibre_alloc(void) {
    struct fibre *fibre = finished;
    if (fibre != NULL) {
        finished = fibre->next;
    } else {
        void *stack;
        if (vspace_pages(FIBRE_STACK_SIZE, &stack) != ERR_OK) {
            return NULL;
        }
        fibre = (struct fibre *)(void *)((char *)stack + FIBRE_STACK_SIZE - ALIGN_UP(sizeof(struct fibre), 64ul));
    }
    /* What is not named here is set before it is used. */
    fibre->pins = fibre->pins_outside = 1;
    fibre->number = ++last_number;
    fibre->tls = NULL;
    fibre->side = NULL;
    fibre->reap = NULL;
    fibre->name[0] = '\0';
    fibre->waiter_count = 0;
    fibre->timer.deadline = fibre->timer.period = 0;
    return fibre;
}

void fibre_clear(struct fibre *fibre) {
    if (fibre->tls != NULL) {
        tls_drop(fibre);
    }
    if (fibre->side != NULL) {
        fibre->side->tls = NULL; /* it was this context's */
        fibre_release(fibre->side);
        fibre->side = NULL;
    }
}

void fibre_release(struct fibre *fibre) {
    fibre_clear(fibre);
    fibre->next = finished;
    finished = fibre;
}

/* Six callee-saved registers, the address that the first switch returns to, and room that leaves the stack aligned. */
void fibre_prepare(struct fibre *fibre, void *stack_top) {
    uint64_t *top = stack_top;
    *--top = 0;
    *--top = 0;
    *--top = (uint64_t)fibre_enter;
    for (unsigned i = 0; i < 6; i++) {
        *--top = 0;
    }
    fibre->rsp = top;
}

err_t fibre_spawn(void (*run)(void *argument), const void *argument, size_t size) {
    PINNED();
    if (size > FIBRE_ARGUMENT_SIZE) {
        return ERR_ARGUMENT;
    }
    struct fibre *fibre = fibre_alloc();
    if (fibre == NULL) {
        return ERR_NO_MEMORY;
    }
    if (tls_wanted() && tls_make(fibre) != ERR_OK) {
        fibre_release(fibre);
        return ERR_NO_MEMORY;
    }
    fibre->run = run;
    memcpy(fibre->argument, argument, size);
    fibre_prepare(fibre, fibre);
    fibre_ready(fibre);
    return ERR_OK;
}

void fibre_main(void) {
    collect_retired();
    fibre_current->run(fibre_current->argument);
    fibre_end();
}

void fibre_retire(struct fibre *fibre) {
    collect_retired();
    retiring = fibre;
}

void fibre_end(void) {
    fibre_retire(fibre_current);
    schedule();
    __builtin_trap();
}

/* The current context waits with these places, and is woken by one of them or by its timer. */
static int wait(struct fibre_waiter *waiters, unsigned count, uint64_t deadline) {
    struct fibre *self = fibre_current;
    self->waiters = waiters;
    self->waiter_count = count;
    if (deadline != 0) {
        self->timer.run = deadline_passed;
        timer_start(&self->timer, deadline);
    }
    schedule();
    return self->woken_by;
}

bool fibre_wait(struct fibre_queue *queue, uint64_t deadline) {
    PINNED();
    struct fibre_waiter waiter = {.fibre = fibre_current};
    queue_put(queue, &waiter);
    return wait(&waiter, 1, deadline) == 0;
}

int fibre_wait_any(struct fibre_queue *const queues[], unsigned count, uint64_t deadline) {
    PINNED();
    struct fibre_waiter waiters[FIBRE_WAIT_MAX];
    count = MIN(count, (unsigned)FIBRE_WAIT_MAX);
    for (unsigned i = 0; i < count; i++) {
        waiters[i].fibre = fibre_current;
        queue_put(queues[i], &waiters[i]);
    }
    return wait(waiters, count, deadline);
}

struct fibre *fibre_first(const struct fibre_queue *queue) {
    return queue->first != NULL ? queue->first->fibre : NULL;
}

bool fibre_wake(struct fibre_queue *queue) {
    PINNED();
    struct fibre_waiter *waiter = queue->first;
    if (waiter == NULL) {
        return false;
    }
    end_wait(waiter->fibre, (int)(waiter - waiter->fibre->waiters));
    return true;
}

void fibre_wake_all(struct fibre_queue *queue) {
    PINNED();
    while (fibre_wake(queue)) {
        continue;
    }
}

void fibre_yield(void) {
    PINNED();
    fibre_ready(fibre_current);
    schedule();
}

void fibre_give_way(void) {
    fibre_give_way_wanted = 0;
    (void)events_poll();
    fibre_ready(fibre_current);
    schedule();
}

void fibre_sleep_until(uint64_t deadline) {
    PINNED();
    if (deadline != 0) {
        (void)wait(NULL, 0, deadline);
    }
}

bool fibre_has_news(void) {
    return ready_first != NULL || events_pending();
}

void fibre_name(const char *name) {
    string_copy(fibre_current->name, FIBRE_NAME_SIZE, name);
}

void event_loop(void) {
    struct fibre_queue nobody = {0};
    for (;;) {
        (void)fibre_wait(&nobody, 0);
    }
}
