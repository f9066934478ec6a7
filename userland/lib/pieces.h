/* Requests that come in several messages, until they are whole. A client has few of them at a time, and none is longer than
   the longest request of the services that are offered. */
#ifndef LIB_PIECES_H
#define LIB_PIECES_H

#include <skerry/base.h>

struct piece {
    uint32_t token;
    uint32_t total;  /* words of the whole; each piece says it */
    uint32_t offset; /* of this one's first */
    uint32_t words;  /* of this one */
    const uint64_t *word;
    capaddr_t cap;
};

/* A request that is not whole yet, or just is. */
struct pieces {
    struct pieces *next;
    uint32_t token;
    uint32_t total, words;
    uint16_t operation;
    capaddr_t cap;
    uint64_t word[];
};

/* Adds a piece. `*whole` is the request if this was its last piece: it is out of the list, and the caller's to free with its
   capability; else NULL. The first piece begins it, anew if need be. FORMAT: it does not follow the one before; what there was
   of the request is gone. */
[[nodiscard]] err_t pieces_add(struct pieces **list, uint16_t operation, const struct piece *piece,
                               struct pieces **whole);
unsigned pieces_count(const struct pieces *list);
void pieces_drop_all(struct pieces **list);

#endif
