/* Longer texts that arrive in pieces, each with its offset: kept by who sends, until whole. */
#ifndef MONITOR_TEXTS_H
#define MONITOR_TEXTS_H

#include <skerry/base.h>

struct text_piece {
    uint64_t sender;
    uint64_t offset;
    uint64_t whole; /* length of the whole text */
    const void *bytes;
    size_t size; /* bytes in this piece, the last one's may reach past the whole */
};

/* OK: whole now, copied to `text` (MONITOR_SPAWN_TEXT bytes). CONTINUE: more to come. ARGUMENT: does not fit together. */
[[nodiscard]] err_t texts_add(const struct text_piece *piece, char *text);

#endif
