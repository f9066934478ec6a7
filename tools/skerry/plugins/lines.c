/* In chunks, made when they are first touched. */
#include "lines.h"

#include <stdlib.h>

#include "line_set.h"

enum { CHUNK_BITS = 21, CHUNKS = 1 << 15 };
#define CHUNK_LINES (1u << (CHUNK_BITS - LINE_BITS))

static struct line *chunks[CHUNKS];

struct line *line_at(uint64_t address) {
    uint64_t chunk = address >> CHUNK_BITS;
    if (chunk >= CHUNKS) {
        return NULL;
    }
    if (chunks[chunk] == NULL) {
        chunks[chunk] = need(calloc(CHUNK_LINES, sizeof(struct line)));
    }
    return &chunks[chunk][address >> LINE_BITS & (CHUNK_LINES - 1)];
}
