/* Round trips of a wake-up to another process through two futexes. `argument`: the other one's core. */
#include "bench.h"

#include <linux/futex.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "process.h"
#include "samples.h"

static void futex(volatile uint32_t *word, int operation, uint32_t value) {
    syscall(SYS_futex, word, operation, value, NULL, NULL, 0);
}

static void wait_for(volatile uint32_t *word, uint32_t value) {
    while (*word != value) {
        futex(word, FUTEX_WAIT, value - 1);
    }
}

static void answer_all(int core) {
    pin(core);
    for (uint32_t i = 1; i <= (uint32_t)samples_rounds(); i++) {
        wait_for(&shared->ask, i);
        shared->answer = i;
        futex(&shared->answer, FUTEX_WAKE, 1);
    }
    _exit(0);
}

static void round_trips(const struct path *path) {
    uint32_t number = 0;
    shared_clear();
    pid_t other = process_fork();
    if (other == 0) {
        answer_all(path->argument);
    }
    pin(0);
    samples_begin();
    while (samples_more()) {
        number++;
        uint64_t begin = stamp_begin();
        shared->ask = number;
        futex(&shared->ask, FUTEX_WAKE, 1);
        wait_for(&shared->answer, number);
        samples_take(stamp_end() - begin);
    }
    process_reap(other);
    samples_end(path->name);
}

const struct path futex_paths[] = {
    {"futex", round_trips, 1, 0},
    {"futex-across", round_trips, 2, 1},
    {0},
};
