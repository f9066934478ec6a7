/* Fibres: threads of this dispatcher that give way only where they wait.
   A fibre waits in a queue until someone wakes it or its deadline passes. Whoever waits runs the event sources (event.h)
   when no fibre is ready, and blocks the dispatcher when these have nothing either. main() is a fibre too, and its end, by
   return or by a fault, is the domain's; a fault of another fibre ends that one alone.
   Threads (thread.h) are fibres that are preempted as well, but not inside this library. */
#ifndef SKERRY_FIBRE_H
#define SKERRY_FIBRE_H

#include <skerry/base.h>

#define FIBRE_ARGUMENT_SIZE 192
#define FIBRE_NAME_SIZE 16
#define FIBRE_WAIT_MAX 16

struct fibre;
struct fibre_waiter;

struct fibre_queue {
    struct fibre_waiter *first;
    struct fibre_waiter *last;
};

/* Starts a fibre with a copy of `argument` (at most FIBRE_ARGUMENT_SIZE bytes). */
[[nodiscard]] err_t fibre_spawn(void (*run)(void *argument), const void *argument, size_t size);

/* True when woken, false when the deadline (TSC; 0: none) passed first. */
bool fibre_wait(struct fibre_queue *queue, uint64_t deadline);

/* In up to FIBRE_WAIT_MAX queues at once: the index of the one that it was woken in, -1 when the deadline passed. */
int fibre_wait_any(struct fibre_queue *const queues[], unsigned count, uint64_t deadline);

bool fibre_wake(struct fibre_queue *queue);
void fibre_wake_all(struct fibre_queue *queue);
void fibre_yield(void);
void fibre_sleep_until(uint64_t deadline);

/* What the running fibre or thread is called in a report of its fault; at most FIBRE_NAME_SIZE - 1 bytes. */
void fibre_name(const char *name);

/* What main() of a server calls in the end: serves for ever. */
NORETURN void event_loop(void);

/* No thread is preempted between these two; nor is what it may wait for in between. They nest. Whatever the library keeps is
   guarded by them. */
static inline void fibre_pin(void);
static inline void fibre_unpin(void);

/* The same to the end of the block. */
#define PINNED() __attribute__((cleanup(fibre_pinned_end), unused)) int pinned_block = fibre_pinned_begin()

/* The running context; its count of pins comes first in it, and at 0 a thread is preempted. */
extern struct fibre *fibre_current;
extern uint32_t fibre_give_way_wanted; /* an upcall found a thread pinned that should give way */
void fibre_give_way_now(void);

static inline void fibre_pins_add(uint32_t pins) {
    *(uint32_t *)(void *)fibre_current += pins;
    __asm__ volatile("" : : : "memory");
}

static inline void fibre_pins_remove(uint32_t pins) {
    __asm__ volatile("" : : : "memory");
    uint32_t *left = (uint32_t *)(void *)fibre_current;
    *left -= pins;
    if (*left == 0 && fibre_give_way_wanted != 0) {
        fibre_give_way_now();
    }
}

static inline void fibre_pin(void) {
    fibre_pins_add(1);
}

static inline void fibre_unpin(void) {
    fibre_pins_remove(1);
}

static inline int fibre_pinned_begin(void) {
    fibre_pin();
    return 0;
}

static inline void fibre_pinned_end(const int *block) {
    (void)block;
    fibre_unpin();
}

#endif
