/* Running a suite. The output, each line whole:
     bench SUITE begin
     bench SUITE path NAME VALUE[xTIMES] ...    samples in order; a path takes as many lines as it needs
     bench SUITE end PATHS SAMPLES */
#include <skerry/domain.h>
#include <skerry/print.h>

#include "programs/bench/bench.h"
#include "programs/bench/pair.h"

#define LINE_SAMPLES 16 /* runs of equal samples on a line */
#define TRIES 100       /* of one sample, which an interrupt can spoil */

static uint64_t samples[SAMPLES_MAX];

static void check(err_t err, const char *path, const char *what) {
    if (err != ERR_OK) {
        die("%s: %s: %s (%s)", path, what, err_doc(err), err_name(err));
    }
}

err_t suite_overhead(struct pair *pair, uint64_t *ticks) {
    (void)pair;
    uint64_t begin = stamp_begin();
    *ticks = stamp_end() - begin;
    return ERR_OK;
}

static void sample_take(const struct path *path, struct pair *pair, uint64_t *ticks) {
    err_t err = ERR_TIMEOUT;
    for (unsigned i = 0; i < TRIES && err == ERR_TIMEOUT; i++) {
        err = path->measure(pair, ticks);
        if (err == ERR_TIMEOUT) {
            mark_drop();
        }
    }
    check(err, path->name, "measure");
}

static void path_run(const struct path *path, struct pair *pair, unsigned count) {
    if (path->prepare != NULL) {
        check(path->prepare(pair), path->name, "prepare");
    }
    for (unsigned i = 0; i < WARM_UP; i++) {
        sample_take(path, pair, &samples[0]);
    }
    mark_forget();
    for (unsigned i = 0; i < count; i++) {
        sample_take(path, pair, &samples[i]);
    }
    if (path->finish != NULL) {
        check(path->finish(pair), path->name, "finish");
    }
    mark_next();
}

/* How many samples from here on are equal. */
static unsigned run_length(unsigned from, unsigned count) {
    unsigned end = from + 1;
    while (end < count && samples[end] == samples[from]) {
        end++;
    }
    return end - from;
}

static void print_line(const struct suite *suite, const struct path *path, unsigned *at, unsigned count) {
    char line[512];
    int length = snprintf(line, sizeof(line), "bench %s path %s", suite->name, path->name);
    for (unsigned i = 0; i < LINE_SAMPLES && *at < count; i++) {
        unsigned run = run_length(*at, count);
        length +=
            snprintf(line + length, sizeof(line) - (size_t)length, run > 1 ? " %lux%u" : " %lu", samples[*at], run);
        *at += run;
    }
    printf("%s\n", line);
}

void suite_run(const struct suite *suite, unsigned count) {
    static struct pair pair;
    if (suite->open != NULL) {
        check(suite->open(&pair), suite->name, "second domain");
    }
    printf("bench %s begin\n", suite->name);
    mark_arm();
    for (unsigned i = 0; i < suite->count; i++) {
        path_run(&suite->paths[i], &pair, count);
        for (unsigned at = 0; at < count;) {
            print_line(suite, &suite->paths[i], &at, count);
        }
    }
    if (suite->close != NULL) {
        check(suite->close(&pair), suite->name, "end of the second domain");
    }
    printf("bench %s end %u %u\n", suite->name, suite->count, count);
}
