/* The shortest way into the kernel and back; and what taking the time takes. */
#include "bench.h"

#include <sys/syscall.h>
#include <unistd.h>

#include "process.h"
#include "samples.h"

static void overhead(const struct path *path) {
    samples_begin();
    while (samples_more()) {
        uint64_t begin = stamp_begin();
        samples_take(stamp_end() - begin);
    }
    samples_end(path->name);
}

static void null_call(const struct path *path) {
    samples_begin();
    while (samples_more()) {
        uint64_t begin = stamp_begin();
        syscall(SYS_getppid);
        samples_take(stamp_end() - begin);
    }
    samples_end(path->name);
}

const struct path call_paths[] = {
    {"overhead", overhead, 1, 0},
    {"null", null_call, 1, 0},
    {0},
};
