/* The path of an interrupt, from the old timer chip's line 0 through the IOAPIC and its capability to a driver that waits. */
#ifndef BENCH_INTERRUPT_H
#define BENCH_INTERRUPT_H

#include "programs/bench/bench.h"

err_t interrupt_prepare(struct pair *pair);
err_t interrupt_measure(struct pair *pair, uint64_t *ticks);

/* The peer: line 0 is its own from now on, as notification `bit`. */
[[nodiscard]] err_t interrupt_own(unsigned bit);

#endif
