/* The same lines as Skerry's own benchmarks print (userland/programs/bench/suite.c), of a suite `linux`. */
#include "samples.h"

#include <stdio.h>

#include "bench.h"
#include "process.h"

#define LINE_SAMPLES 16

static uint64_t samples[SAMPLES_MAX];
static int wanted = 100, taken, warm;

void samples_want(int count) {
    wanted = count;
}

static int warm_up(void) {
    return wanted / 10 + 2;
}

int samples_rounds(void) {
    return warm_up() + wanted;
}

void samples_begin(void) {
    taken = 0;
    warm = warm_up();
}

bool samples_more(void) {
    return taken < wanted;
}

void samples_take(uint64_t ticks) {
    if (warm > 0) {
        if (--warm == 0) {
            MARK_FORGET();
        }
    } else {
        samples[taken++] = ticks;
    }
}

static int run_length(int from) {
    int end = from + 1;
    while (end < taken && samples[end] == samples[from]) {
        end++;
    }
    return end - from;
}

void samples_end(const char *name) {
    MARK_NEXT();
    for (int at = 0; at < taken;) {
        printf("bench linux path %s", name);
        for (int i = 0; i < LINE_SAMPLES && at < taken; i++) {
            int run = run_length(at);
            printf(run > 1 ? " %llux%d" : " %llu", (unsigned long long)samples[at], run);
            at += run;
        }
        printf("\n");
    }
    settle();
}

void samples_finish(int paths) {
    printf("bench linux end %d %d\n", paths, wanted);
}
