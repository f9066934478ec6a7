/* One dispatcher runs one context at a time, and a pinned one without interruption: no atomic instruction is needed. */
#include <skerry/sync.h>

#include "lib/fibre_internal.h"

/* What a mutex misused by its owner, or unlocked by somebody else, would hide. */
static void expect(bool holds) {
    if (!holds) {
        __builtin_trap();
    }
}

bool mutex_try(struct mutex *mutex) {
    PINNED();
    if (mutex->owner != NULL) {
        return false;
    }
    mutex->owner = fibre_current;
    return true;
}

bool mutex_lock_until(struct mutex *mutex, uint64_t deadline) {
    PINNED();
    expect(mutex->owner != fibre_current);
    return mutex_try(mutex) || fibre_wait(&mutex->waiters, deadline);
}

void mutex_lock(struct mutex *mutex) {
    (void)mutex_lock_until(mutex, 0);
}

void mutex_unlock(struct mutex *mutex) {
    PINNED();
    expect(mutex->owner == fibre_current);
    mutex->owner = fibre_first(&mutex->waiters);
    (void)fibre_wake(&mutex->waiters);
}

bool condition_wait(struct condition *condition, struct mutex *mutex, uint64_t deadline) {
    PINNED();
    mutex_unlock(mutex);
    bool signalled = fibre_wait(&condition->waiters, deadline);
    mutex_lock(mutex);
    return signalled;
}

void condition_signal(struct condition *condition) {
    (void)fibre_wake(&condition->waiters);
}

void condition_broadcast(struct condition *condition) {
    fibre_wake_all(&condition->waiters);
}

bool semaphore_try(struct semaphore *semaphore) {
    PINNED();
    if (semaphore->count == 0) {
        return false;
    }
    semaphore->count--;
    return true;
}

bool semaphore_wait(struct semaphore *semaphore, uint64_t deadline) {
    PINNED();
    return semaphore_try(semaphore) || fibre_wait(&semaphore->waiters, deadline);
}

void semaphore_post(struct semaphore *semaphore) {
    PINNED();
    if (!fibre_wake(&semaphore->waiters)) {
        semaphore->count++;
    }
}
