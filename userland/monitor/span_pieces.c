#include "monitor/span_pieces.h"

#include <abi/stubs.h>
#include <skerry/heap.h>
#include <skerry/slots.h>

#include "monitor/machine.h"
#include "monitor/shared_objects.h"

_Static_assert((int)MAP_READ == (int)RIGHT_READ && (int)MAP_WRITE == (int)RIGHT_WRITE &&
                   (int)MAP_EXECUTE == (int)RIGHT_EXECUTE,
               "rights are flags");

static err_t check(const struct span_source *source, paddr_t *base) {
    uint64_t meta, size, bytes = source->pages * PAGE_SIZE;
    TRY(kernel_identify(CAP_KERNEL, source->cap, &meta, base, &size, NULL));
    if ((meta & 0xff) != CAP_TYPE_FRAME) {
        return ERR_CAP_TYPE;
    }
    if (meta >> 16 != this_core()) {
        return ERR_FOREIGN;
    }
    if ((source->rights & ~(meta >> 8 & 0xff)) != 0) {
        return ERR_CAP_RIGHTS;
    }
    struct memory memory = {*base, size};
    if (shared_overlaps(&memory)) {
        return ERR_SHARED;
    }
    bool within = source->offset % PAGE_SIZE == 0 && source->offset < size && bytes <= size - source->offset;
    return within ? ERR_OK : ERR_ARGUMENT;
}

err_t span_piece_make(struct span_pieces *pieces, const struct span_source *source, struct span_piece **piece) {
    paddr_t base;
    capaddr_t frame;
    TRY(check(source, &base));
    TRY(slot_copy(source->cap, &frame));
    struct span_piece *made = calloc(1, sizeof(*made));
    err_t err = made == NULL ? ERR_NO_MEMORY : kernel_share(CAP_KERNEL, source->cap);
    if (err != ERR_OK) {
        slot_release(frame);
        free(made);
        return err;
    }
    *made = (struct span_piece){.next = pieces->all, .mark = source->cap, .frame = frame, .base = base};
    pieces->all = made;
    *piece = made;
    return ERR_OK;
}

static void piece_free(struct span_piece *piece) {
    slot_release(piece->frame);
    slot_release(piece->mark);
    free(piece);
}

void span_piece_hold(struct span_pieces *pieces, uint64_t page, struct span_piece *piece) {
    pieces->of[page] = piece;
    piece->pages++;
}

void span_piece_leave(struct span_pieces *pieces, struct span_piece *piece) {
    if (piece == NULL || --piece->pages > 0) {
        return;
    }
    struct span_piece **at = &pieces->all;
    while (*at != piece) {
        at = &(*at)->next;
    }
    *at = piece->next;
    piece_free(piece);
}

void span_pieces_free(struct span_pieces *pieces) {
    for (struct span_piece *piece = pieces->all, *next; piece != NULL; piece = next) {
        next = piece->next;
        piece_free(piece);
    }
    *pieces = (struct span_pieces){};
}
