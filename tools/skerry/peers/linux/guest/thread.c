/* Threads and processes: made and ended, switched between. */
#define _GNU_SOURCE
#include "bench.h"

#include <pthread.h>
#include <sched.h>
#include <stddef.h>
#include <sys/wait.h>
#include <unistd.h>

#include "process.h"
#include "samples.h"

#define PRIORITY 10

static void *nothing(void *argument) {
    return argument;
}

static void create_join(const struct path *path) {
    pin(0);
    samples_begin();
    while (samples_more()) {
        pthread_t thread;
        uint64_t begin = stamp_begin();
        pthread_create(&thread, NULL, nothing, NULL);
        pthread_join(thread, NULL);
        samples_take(stamp_end() - begin);
    }
    samples_end(path->name);
}

static void fork_wait(const struct path *path) {
    pin(0);
    samples_begin();
    while (samples_more()) {
        uint64_t begin = stamp_begin();
        pid_t process = fork();
        if (process == 0) {
            _exit(0);
        }
        waitpid(process, NULL, 0);
        samples_take(stamp_end() - begin);
    }
    samples_end(path->name);
}

static void policy_set(int policy) {
    struct sched_param parameter = {.sched_priority = policy == SCHED_FIFO ? PRIORITY : 0};
    if (sched_setscheduler(0, policy, &parameter) != 0) {
        die("sched_setscheduler");
    }
}

static void yield_always(void) {
    pin(0);
    policy_set(SCHED_FIFO);
    shared->ready = 1;
    while (shared->leave == 0) {
        sched_yield();
    }
    _exit(0);
}

/* Two processes on one core that give way to each other: a sample is two switches. First in, first out: under
   the usual policy a yield may come back at once. */
static void yield_twice(const struct path *path) {
    shared_clear();
    pid_t other = process_fork();
    if (other == 0) {
        yield_always();
    }
    pin(0);
    policy_set(SCHED_FIFO);
    process_await(1);
    samples_begin();
    while (samples_more()) {
        uint64_t begin = stamp_begin();
        sched_yield();
        samples_take(stamp_end() - begin);
    }
    shared->leave = 1;
    policy_set(SCHED_OTHER);
    process_reap(other);
    samples_end(path->name);
}

const struct path process_paths[] = {
    {"thread", create_join, 1, 0},
    {"fork", fork_wait, 1, 0},
    {"yield-2", yield_twice, 1, 0},
    {0},
};
