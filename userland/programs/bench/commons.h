/* Memory that all of this program's domains share, on whatever core: what is updated in figure 3, and when to stop. */
#ifndef BENCH_COMMONS_H
#define BENCH_COMMONS_H

#include <skerry/base.h>

#define COMMONS_PAGES 4 /* as etc/devices grants it */
#define COMMONS_LINES 8
#define LINE 64
#define FAR_CORES_MAX 64

struct commons {
    struct {
        volatile uint64_t leave; /* whoever is in a role ends it */
    } __attribute__((aligned(LINE))) stop;
    struct {
        uint32_t next, now; /* a ticket lock */
    } __attribute__((aligned(LINE))) lock;
    struct commons_line {
        volatile uint64_t word[LINE / 8];
    } lines[COMMONS_LINES] __attribute__((aligned(LINE)));
};

[[nodiscard]] err_t commons_map(struct commons **commons);

/* The update that is measured, without and with the lock. */
static inline void lines_update(struct commons_line *lines, uint64_t count) {
    for (uint64_t i = 0; i < count; i++) {
        lines[i].word[0]++;
    }
}

static inline void commons_update(struct commons *commons, uint64_t count) {
    uint32_t mine = __atomic_fetch_add(&commons->lock.next, 1, __ATOMIC_RELAXED);
    while (__atomic_load_n(&commons->lock.now, __ATOMIC_ACQUIRE) != mine) {
        cpu_pause();
    }
    lines_update(commons->lines, count);
    __atomic_store_n(&commons->lock.now, mine + 1, __ATOMIC_RELEASE);
}

#endif
