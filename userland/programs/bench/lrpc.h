/* Paths of LRPC, for the suites that show them. */
#ifndef BENCH_LRPC_H
#define BENCH_LRPC_H

#include "programs/bench/bench.h"

err_t lrpc_one_way_prepare(struct pair *pair);
err_t lrpc_one_way_measure(struct pair *pair, uint64_t *ticks);
err_t lrpc_round_trip_prepare(struct pair *pair);
err_t lrpc_round_trip_measure(struct pair *pair, uint64_t *ticks);
err_t lrpc_round_trip10_prepare(struct pair *pair);
err_t lrpc_round_trip10_measure(struct pair *pair, uint64_t *ticks);
err_t lrpc_finish(struct pair *pair);

#endif
