/* What it costs, in ticks, that a cache line or an interrupt goes from one core to another: for each ordered pair. */
#ifndef SKERRY_COSTS_H
#define SKERRY_COSTS_H

#include <stdint.h>

enum { CORES = 64 };

extern int64_t line_cost[CORES][CORES], interrupt_cost[CORES][CORES]; /* from, to */

/* Lines "FROM TO LINE INTERRUPT"; pairs that are not named cost nothing. 0, or -1 and a line that says why. */
int costs_read(const char *name);

#endif
