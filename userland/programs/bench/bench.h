/* What the files of this program share: stamps, samples, suites. */
#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H

#include <skerry/base.h>
#include <skerry/mark.h>

#define BENCH_NAME "bench"
#define BENCH_PEER "peer" /* the argument that makes this program the second domain */

#define SAMPLES_DEFAULT 1000
#define SAMPLES_MAX 4096
#define WARM_UP 16 /* samples that are not kept: first uses of stacks, tables and caches */

/* The TSC. What the compiler does around it counts too, and is the path `overhead`. An interval that the emulator watches
   is two instructions longer, a mark and a stamp. */
static inline uint64_t stamp_begin(void) {
    uint32_t low, high;
    __asm__ volatile(MARK_BEGIN_TEXT "\n\trdtsc" : "=a"(low), "=d"(high) : : "memory");
    return (uint64_t)high << 32 | low;
}

static inline uint64_t stamp_end(void) {
    uint32_t low, high;
    __asm__ volatile("rdtsc\n\t" MARK_END_TEXT : "=a"(low), "=d"(high) : : "memory");
    return (uint64_t)high << 32 | low;
}

/* Where a message arrives that another core sent: the end of what that one began. */
static inline uint64_t stamp_arrive(void) {
    uint32_t low, high;
    __asm__ volatile("rdtsc\n\t" MARK_ARRIVE_TEXT : "=a"(low), "=d"(high) : : "memory");
    return (uint64_t)high << 32 | low;
}

struct pair;

/* One path. `prepare` and `finish` may be NULL; `measure` takes one sample. */
struct path {
    const char *name;
    err_t (*prepare)(struct pair *pair);
    err_t (*measure)(struct pair *pair, uint64_t *ticks);
    err_t (*finish)(struct pair *pair);
};

struct suite {
    const char *name;
    const struct path *paths;
    unsigned count;
    err_t (*open)(struct pair *pair); /* starts the second domain; NULL: there is none */
    err_t (*close)(struct pair *pair);
};

extern const struct suite suite_core, suite_boot, suite_messages, suite_updates, suite_urpc, suite_pairs, suite_stubs,
    suite_pages, suite_agree, suite_spans, suite_retypes, suite_caps;

/* How many cores take part in a suite that leaves that open: the third argument; 0: all. */
extern uint64_t suite_cores;

/* When this program began. */
extern uint64_t program_began;

/* `measure` of the path `overhead`: nothing, so what the stamps take. */
err_t suite_overhead(struct pair *pair, uint64_t *ticks);

/* Measures all paths of a suite and prints them. What goes wrong ends the domain. */
void suite_run(const struct suite *suite, unsigned samples);

/* The second domain's main(). */
void peer_main(void);

#endif
