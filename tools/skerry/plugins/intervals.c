/* A growing array. The groups' numbers only rise. */
#include "intervals.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "line_set.h"

#define FIRST_ROOM 4096

static struct interval *intervals;
static size_t count, room;

void intervals_add(const struct interval *interval) {
    if (count == room) {
        room = room == 0 ? FIRST_ROOM : 2 * room;
        intervals = need(realloc(intervals, room * sizeof *intervals));
    }
    intervals[count++] = *interval;
}

void intervals_drop(unsigned group, unsigned core) {
    if (count > 0 && intervals[count - 1].group == group && intervals[count - 1].core == core) {
        count--;
    }
}

void intervals_forget(unsigned group) {
    while (count > 0 && intervals[count - 1].group == group) {
        count--;
    }
}

static void write_one(FILE *file, const struct interval *one) {
    fprintf(file, "interval %u %u sum %" PRIu64 " own %" PRIu64, one->group, one->core, one->sum, one->own);
    fprintf(file, " cp0 %" PRId64 " cp1 %" PRId64, one->path[0], one->path[1]);
    fprintf(file, " moved %" PRIu64 " moved_own %" PRIu64, one->moved, one->moved_own);
    fprintf(file, " code %" PRIu64 " data %" PRIu64 "\n", one->code, one->data);
}

bool intervals_write(const char *name) {
    FILE *file = fopen(name, "w");
    if (file == NULL) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        write_one(file, &intervals[i]);
    }
    fprintf(file, "end %zu\n", count);
    return fclose(file) == 0;
}
