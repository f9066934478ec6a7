/* Threads: fibres that are preempted, too. A thread runs until it waits, or until its dispatcher's slice ends while somebody
   else is ready; inside this library it is not preempted. Threads and fibres wait for each other by the same means
   (sync.h, event.h, fibre.h). A thread has its own stack, which grows page by page as it is used, its own thread-local
   variables and FPU state. main() can become a thread itself. */
#ifndef SKERRY_THREAD_H
#define SKERRY_THREAD_H

#include <skerry/base.h>

#define THREAD_STACK_SIZE 65536

struct thread;

struct thread_request {
    const char *name;    /* for reports of faults; NULL: a number */
    uint64_t stack_size; /* at most; 0: THREAD_STACK_SIZE */
    int (*run)(void *argument);
    void *argument;
};

/* The thread is there until it is joined. */
[[nodiscard]] err_t thread_create(const struct thread_request *request, struct thread **thread);

/* Waits for its end, at most until the deadline (TSC; 0: none), and forgets it. `status` (may be NULL) is what it returned.
   CANCELLED: it ended by a fault. TIMEOUT: it still runs, and can be joined later. */
[[nodiscard]] err_t thread_join(struct thread *thread, uint64_t deadline, int *status);

/* From now on the calling fibre, main() for example, is preempted, too. */
[[nodiscard]] err_t thread_become(void);

#endif
