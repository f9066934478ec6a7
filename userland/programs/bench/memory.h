/* Paths of memory: one page of this domain's own, at an address that libskerry's vspace does not use. */
#ifndef BENCH_MEMORY_H
#define BENCH_MEMORY_H

#include "programs/bench/bench.h"

err_t memory_prepare(struct pair *pair);
err_t memory_map_measure(struct pair *pair, uint64_t *ticks);
err_t memory_unmap_measure(struct pair *pair, uint64_t *ticks);
err_t memory_fault_measure(struct pair *pair, uint64_t *ticks);
err_t memory_fault_map_measure(struct pair *pair, uint64_t *ticks);
err_t memory_fault_finish(struct pair *pair);

#endif
