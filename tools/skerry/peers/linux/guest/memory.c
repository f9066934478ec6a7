/* Pages of one process: touched for the first time, mapped, unmapped. */
#include "bench.h"

#include <stddef.h>
#include <sys/mman.h>

#include "process.h"
#include "samples.h"

#define PAGE 4096
#define REGION 64

static volatile char *pages_map(size_t count) {
    void *at = mmap(NULL, count * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (at == MAP_FAILED) {
        die("mmap");
    }
    return at;
}

/* The first touch of a page of a mapping that is there already. */
static void fault(const struct path *path) {
    samples_begin();
    while (samples_more()) {
        volatile char *region = pages_map(REGION);
        for (int i = 0; i < REGION && samples_more(); i++) {
            uint64_t begin = stamp_begin();
            region[i * PAGE] = 1;
            samples_take(stamp_end() - begin);
        }
        munmap((void *)region, REGION * PAGE);
    }
    samples_end(path->name);
}

static void map_touch(const struct path *path) {
    samples_begin();
    while (samples_more()) {
        uint64_t begin = stamp_begin();
        volatile char *page = pages_map(1);
        page[0] = 1;
        samples_take(stamp_end() - begin);
        munmap((void *)page, PAGE);
    }
    samples_end(path->name);
}

const struct path memory_paths[] = {
    {"fault", fault, 1, 0},
    {"map-touch", map_touch, 1, 0},
    {0},
};
