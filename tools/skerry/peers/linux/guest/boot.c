/* How far the machine was when this program began, and the memory in use then. Nothing here varies, so every sample is the
   same. */
#include "bench.h"

#include <stdio.h>
#include <unistd.h>

#include "process.h"
#include "samples.h"

#define IDLE_SECONDS 5

uint64_t program_began;

static void constant(const struct path *path, uint64_t value) {
    samples_begin();
    while (samples_more()) {
        samples_take(value);
    }
    samples_end(path->name);
}

static void reset(const struct path *path) {
    constant(path, program_began);
}

static void memory(const struct path *path) {
    unsigned long total, available;
    FILE *file = fopen("/proc/meminfo", "r");
    if (file == NULL || fscanf(file, "MemTotal: %lu kB MemFree: %lu kB", &total, &available) != 2) {
        die("/proc/meminfo");
    }
    fclose(file);
    constant(path, total - available);
}

/* The host watches these two, and puts what it has seen in the place of the samples. */
static void idle(const struct path *path) {
    printf("bench linux idle begin\n");
    fflush(stdout);
    sleep(IDLE_SECONDS);
    printf("bench linux idle end\n");
    constant(path, 0);
}

static void init(const struct path *path) {
    constant(path, 0);
}

const struct path boot_paths[] = {
    {"reset-to-program", reset, 1, 0}, {"memory-kib", memory, 1, 0}, {"init", init, 1, 0}, {"idle", idle, 1, 0}, {0},
};
