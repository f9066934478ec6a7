/* What lies behind the pages of a span, at its home: the frames that its domain gave. As long as any page of one is mapped, its
   memory is marked as shared with other cores: it cannot be revoked or made into something else. */
#ifndef MONITOR_SPAN_PIECES_H
#define MONITOR_SPAN_PIECES_H

#include <skerry/span.h>

/* Pages of one frame. */
struct span_piece {
    struct span_piece *next;
    capaddr_t mark, frame; /* frame: what pages are mapped from */
    paddr_t base;          /* of the frame */
    uint64_t pages;        /* that hold it */
};

struct span_pieces {
    struct span_piece *all;
    struct span_piece *of[SPAN_PAGES]; /* NULL: not mapped */
};

/* Part of a frame, for so many pages. */
struct span_source {
    capaddr_t cap; /* the piece's from now on, unless it is refused */
    uint64_t offset, pages;
    uint64_t rights; /* MAP_* */
};

/* CAP_TYPE: not a frame; FOREIGN: another core's memory; CAP_RIGHTS: more than the capability has; ARGUMENT: not within it. */
[[nodiscard]] err_t span_piece_make(struct span_pieces *pieces, const struct span_source *source,
                                    struct span_piece **piece);

/* A page holds a piece from hold to leave; with the last one it goes. */
void span_piece_hold(struct span_pieces *pieces, uint64_t page, struct span_piece *piece);
void span_piece_leave(struct span_pieces *pieces, struct span_piece *piece);

void span_pieces_free(struct span_pieces *pieces);

#endif
