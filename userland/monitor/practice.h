/* Agreements about nothing, to be timed: the protocol alone (paper, Figures 6 and 8). */
#ifndef MONITOR_PRACTICE_H
#define MONITOR_PRACTICE_H

#include <if/monitor.h>
#include <skerry/agree.h>

struct practice {
    uint64_t cores;    /* the first so many of the live ones take part; this core coordinates */
    uint64_t topology; /* enum agree_topology */
    uint64_t phases;   /* 1 or 2 */
    uint64_t flying;   /* so many at once; more than the window has places for: those that wait may go together */
    uint64_t rounds;
};

/* The engine's client; before it starts. */
void practice_init(void);

/* TSC ticks that all rounds took together. ARGUMENT: see above. */
[[nodiscard]] err_t practice(const struct practice *what, uint64_t *ticks);

#endif
