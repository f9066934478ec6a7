/* Mutexes, conditions and semaphores between the fibres and threads of a dispatcher; all zero is a fresh one of each.
   Deadlines are TSC values (time.h), 0 for none. Who has waited longest is served first: a mutex or a unit of a semaphore is
   handed over, never fought for. */
#ifndef SKERRY_SYNC_H
#define SKERRY_SYNC_H

#include <skerry/fibre.h>

struct mutex {
    struct fibre *owner;
    struct fibre_queue waiters;
};

void mutex_lock(struct mutex *mutex);

/* False: the deadline passed first. */
[[nodiscard]] bool mutex_lock_until(struct mutex *mutex, uint64_t deadline);
[[nodiscard]] bool mutex_try(struct mutex *mutex);
void mutex_unlock(struct mutex *mutex);

struct condition {
    struct fibre_queue waiters;
};

/* Called with the mutex locked, which it is again afterwards. True when signalled, false when the deadline passed first. */
bool condition_wait(struct condition *condition, struct mutex *mutex, uint64_t deadline);
void condition_signal(struct condition *condition);
void condition_broadcast(struct condition *condition);

struct semaphore {
    uint64_t count;
    struct fibre_queue waiters;
};

/* False: the deadline passed first. */
bool semaphore_wait(struct semaphore *semaphore, uint64_t deadline);
[[nodiscard]] bool semaphore_try(struct semaphore *semaphore);
void semaphore_post(struct semaphore *semaphore);

#endif
