/* picolibc's locks are a dispatcher's mutexes, which their owner may lock again. Streams have one each. */
#include <errno.h>
#include <stdlib.h>
#include <sys/lock.h>

#include <skerry/sync.h>

struct __lock {
    struct mutex mutex;
    unsigned depth; /* how often the owner has it */
};

struct __lock __lock___libc_recursive_mutex;

void __retarget_lock_init(_LOCK_T *lock) {
    *lock = calloc(1, sizeof(struct __lock)); /* NULL: the stream goes without */
}

void __retarget_lock_close(_LOCK_T lock) {
    free(lock);
}

void __retarget_lock_acquire(_LOCK_T lock) {
    PINNED();
    if (lock == NULL) {
        return;
    }
    if (lock->depth == 0 || lock->mutex.owner != fibre_current) {
        mutex_lock(&lock->mutex);
    }
    lock->depth++;
}

int __retarget_lock_try_acquire(_LOCK_T lock) {
    PINNED();
    bool own = lock != NULL && lock->depth > 0 && lock->mutex.owner == fibre_current;
    if (lock != NULL && !own && !mutex_try(&lock->mutex)) {
        return EBUSY;
    }
    if (lock != NULL) {
        lock->depth++;
    }
    return 0;
}

void __retarget_lock_release(_LOCK_T lock) {
    PINNED();
    if (lock != NULL && --lock->depth == 0) {
        mutex_unlock(&lock->mutex);
    }
}

void __retarget_lock_init_recursive(_LOCK_T *lock) {
    __retarget_lock_init(lock);
}

void __retarget_lock_close_recursive(_LOCK_T lock) {
    __retarget_lock_close(lock);
}

void __retarget_lock_acquire_recursive(_LOCK_T lock) {
    __retarget_lock_acquire(lock);
}

int __retarget_lock_try_acquire_recursive(_LOCK_T lock) {
    return __retarget_lock_try_acquire(lock);
}

void __retarget_lock_release_recursive(_LOCK_T lock) {
    __retarget_lock_release(lock);
}
