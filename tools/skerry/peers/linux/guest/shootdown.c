/* A page that threads on N cores touch, taken away from all of them: mprotect and munmap. `argument`: N; 0: all cores. */
#include "bench.h"

#include <pthread.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "process.h"
#include "samples.h"

#define PAGE 4096
#define PLACE ((void *)0x600000000000) /* nothing is next to it, or splitting and merging regions would be timed, too */
#define CORES_MAX 64

static volatile char *page;
static volatile uint32_t generation, stop;
static struct {
    volatile uint32_t seen __attribute__((aligned(64)));
} cores[CORES_MAX];

static void *touch_always(void *argument) {
    int core = (int)(intptr_t)argument;
    uint32_t seen = 0;
    process_ready(core);
    while (stop == 0) {
        if (generation == seen) {
            pause_once();
            continue;
        }
        seen = generation;
        page[core] = 1;
        cores[core].seen = seen;
    }
    return NULL;
}

/* Every core has the page in its TLB. */
static void touch_all(int count) {
    uint32_t wanted = generation + 1;
    page[0] = 1;
    generation = wanted;
    for (int core = 1; core < count; core++) {
        while (cores[core].seen != wanted) {
            pause_once();
        }
    }
}

static void page_map(void) {
    int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED;
    page = mmap(PLACE, PAGE, PROT_READ | PROT_WRITE, flags, -1, 0);
}

static void protect(void) {
    mprotect(PLACE, PAGE, PROT_NONE);
}

static void protect_undo(void) {
    mprotect(PLACE, PAGE, PROT_READ | PROT_WRITE);
}

static void unmap(void) {
    munmap(PLACE, PAGE);
}

static void measure(int count, void (*act)(void), void (*undo)(void)) {
    pthread_t threads[CORES_MAX];
    pin(0);
    page_map();
    for (int core = 1; core < count; core++) {
        if (pthread_create(&threads[core], NULL, touch_always, (void *)(intptr_t)core) != 0) {
            die("pthread_create");
        }
    }
    process_await((uint32_t)count - 1);
    samples_begin();
    while (samples_more()) {
        touch_all(count);
        uint64_t begin = stamp_begin();
        act();
        samples_take(stamp_end() - begin);
        undo();
    }
    stop = 1;
    for (int core = 1; core < count; core++) {
        pthread_join(threads[core], NULL);
    }
}

/* In a process of its own, so that no other core is in the address space's mask. */
static void in_process(const struct path *path, void (*act)(void), void (*undo)(void)) {
    int count = path->argument == 0 ? core_count : path->argument;
    shared_clear();
    pid_t process = process_fork();
    if (process == 0) {
        measure(count, act, undo);
        samples_end(path->name);
        _exit(0);
    }
    process_reap(process);
}

static void protects(const struct path *path) {
    in_process(path, protect, protect_undo);
}

static void unmaps(const struct path *path) {
    in_process(path, unmap, page_map);
}

const struct path shootdown_paths[] = {
    {"protect", protects, 1, 1},
    {"unmap", unmaps, 1, 1},
    {"protect-all", protects, 1, 0},
    {"unmap-all", unmaps, 1, 0},
    {0},
};
