/* The intervals that the guest marked, group by group, until they are written at the end. */
#ifndef SKERRY_INTERVALS_H
#define SKERRY_INTERVALS_H

#include <stdbool.h>
#include <stdint.h>

enum { CLOCKS = 2 };

struct interval {
    unsigned group, core;
    uint64_t sum, own, moved, moved_own, code, data;
    int64_t path[CLOCKS];
};

void intervals_add(const struct interval *interval);

/* Give up the last one, if it is this core's and of this group; all of a group. */
void intervals_drop(unsigned group, unsigned core);
void intervals_forget(unsigned group);

/* False: the file cannot be written. */
bool intervals_write(const char *name);

#endif
