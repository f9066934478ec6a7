/* What the files behind fibre.h share: how contexts are switched, and what a fibre is made of.
   A context that does not run is always stopped at a call of fibre_switch, whatever made it stop. One that was interrupted
   or that faulted cannot be; its *side* (side.c) is then stopped in its stead, and holds its registers. */
#ifndef LIB_FIBRE_INTERNAL_H
#define LIB_FIBRE_INTERNAL_H

#include <skerry/dispatcher.h>
#include <skerry/fibre.h>
#include <skerry/timer.h>

#define FIBRE_STACK_SIZE 16384

struct fibre {
    /* How often the preemption of this context is forbidden; above PIN_ALLOCATING, by the allocators that the page-fault
       upcall uses. First, where dispatcher_entry.S reads it. A fibre is a thread that is never unpinned. */
    uint32_t pins;
    uint32_t pins_outside; /* of the library: 0 for threads, 1 for fibres, which are never preempted */
    uint32_t number;
    struct fibre *next; /* in the ready queue, or among the finished ones */
    void *rsp;
    void *tls;
    struct fibre *side; /* stands in for this context while it is interrupted; threads have one of their own */
    void (*reap)(struct fibre *); /* takes what is left of it, on another stack; NULL: its stack is used again */
    char name[FIBRE_NAME_SIZE];
    struct fibre_guard *guards; /* the innermost first */

    struct fibre_waiter *waiters; /* while it waits */
    unsigned waiter_count;
    int woken_by;
    struct timer timer;

    void (*run)(void *);
    _Alignas(16) unsigned char argument[FIBRE_ARGUMENT_SIZE];
};

/* What is to be done when this context has passed that point, or when a fault ends it before: then on its side, while its stack
   still stands. They nest. */
struct fibre_guard {
    struct fibre_guard *next;
    void (*run)(void *argument);
    void *argument;
};

static inline void fibre_guard(struct fibre_guard *guard, void (*run)(void *argument), void *argument) {
    *guard = (struct fibre_guard){fibre_current->guards, run, argument};
    fibre_current->guards = guard;
}

static inline void fibre_guard_pass(struct fibre *fibre) {
    struct fibre_guard *guard = fibre->guards;
    fibre->guards = guard->next;
    guard->run(guard->argument);
}

#define PIN_ALLOCATING 0x10000u

/* To the end of the block: slots, RAM and page tables are being changed, so no page fault could be answered. Hence there
   must be none: the stack that this takes, and the result that `out` points to, are touched before. */
#define ALLOCATING(out) ALLOCATING_BLOCK(out, sizeof(*(out)))
#define ALLOCATING_QUIETLY() ALLOCATING_BLOCK(NULL, 0)
#define ALLOCATING_BLOCK(out, size)                                                                                    \
    __attribute__((cleanup(fibre_allocating_end), unused)) int allocating_block = fibre_allocating_begin(out, size)

static inline void fibre_touch(const void *out, size_t size) {
    if (out != NULL) {
        (void)*(const volatile char *)out;
        (void)*((const volatile char *)out + size - 1);
    }
}

void fibre_touch_stack(void);

static inline bool fibre_allocating(void) {
    return fibre_current->pins >= PIN_ALLOCATING;
}

static inline int fibre_allocating_begin(const void *out, size_t size) {
    if (!fibre_allocating()) {
        fibre_touch_stack();
        fibre_touch(out, size);
    }
    fibre_pins_add(PIN_ALLOCATING);
    return 0;
}

static inline void fibre_allocating_end(const int *block) {
    (void)block;
    fibre_pins_remove(PIN_ALLOCATING);
}

/* A fibre without a stack in use, at the top of a new or used one. NULL: no memory. */
struct fibre *fibre_alloc(void);
void fibre_release(struct fibre *fibre);

/* Gives back what an ended context had besides its stack. */
void fibre_clear(struct fibre *fibre);

/* Lets a context begin with `run` below `stack_top`, when it is switched to. */
void fibre_prepare(struct fibre *fibre, void *stack_top);
void fibre_ready(struct fibre *fibre);

/* Who has waited longest in a queue; NULL: nobody. */
struct fibre *fibre_first(const struct fibre_queue *queue);

/* Ends the running context; what is left goes to its reap function. */
NORETURN void fibre_end(void);

/* The context's stack is free as soon as another one runs. */
void fibre_retire(struct fibre *fibre);

/* Lets everybody else run who is ready, after a look for news. */
void fibre_give_way(void);

/* Is there anything that the running context should give way to? Called disabled. */
bool fibre_has_news(void);

void fibre_switch(void **save_rsp, void *load_rsp);

/* tls.c: only where the program has thread-local variables. */
extern const char tls_size[]; /* a number, from the link script */
static inline bool tls_wanted(void) {
    size_t size = (size_t)tls_size;
    __asm__("" : "+r"(size)); /* the compiler takes for granted that no address is 0 */
    return size != 0;
}
[[nodiscard]] err_t tls_make(struct fibre *fibre);
void tls_drop(struct fibre *fibre);
void tls_load(const struct fibre *fibre);

/* event.c */
bool events_poll(void);
bool events_pending(void);
bool events_stay_awake(void);
void events_rest(void); /* another dispatcher is about to be given the core */

/* timer.c */
bool timers_expire(void);
uint64_t timers_next(void);

/* thread.c: its end, seen by those who join it */
void thread_faulted(struct fibre *fibre);

#endif
