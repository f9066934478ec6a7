/* Memory's cache lines, by physical address. */
#ifndef SKERRY_LINES_H
#define SKERRY_LINES_H

#include <stdbool.h>
#include <stdint.h>

#include "intervals.h"

enum { LINE_BITS = 6 };

/* Who has a line, and when its last write was, on the writer's clock. */
struct line {
    uint64_t holders;
    int64_t time[CLOCKS];
    int8_t writer;
    bool written;
};

/* NULL: past the memory that is watched, 64 GiB. */
struct line *line_at(uint64_t address);

#endif
