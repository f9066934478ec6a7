/* Hostile pieces cost their sender its request, and nothing else. */
#include "lib/pieces.h"

#include <skerry/heap.h>
#include <skerry/slots.h>
#include <skerry/string.h>

static struct pieces **find(struct pieces **list, uint32_t token) {
    while (*list != NULL && (*list)->token != token) {
        list = &(*list)->next;
    }
    return list;
}

unsigned pieces_count(const struct pieces *list) {
    unsigned count = 0;
    for (; list != NULL; list = list->next) {
        count++;
    }
    return count;
}

static void drop(struct pieces **at) {
    struct pieces *gone = *at;
    *at = gone->next;
    if (gone->cap != CAP_NULL) {
        slot_release(gone->cap);
    }
    free(gone);
}

void pieces_drop_all(struct pieces **list) {
    while (*list != NULL) {
        drop(list);
    }
}

static err_t begin(struct pieces **list, uint16_t operation, const struct piece *piece) {
    struct pieces *fresh = malloc(sizeof(*fresh) + piece->total * sizeof(uint64_t));
    if (fresh == NULL) {
        return ERR_NO_MEMORY;
    }
    *fresh = (struct pieces){*list, piece->token, piece->total, 0, operation, CAP_NULL};
    *list = fresh;
    return ERR_OK;
}

static bool follows(const struct pieces *known, uint16_t operation, const struct piece *piece) {
    return known->operation == operation && known->total == piece->total && known->words == piece->offset &&
           piece->words != 0 && piece->words <= known->total - known->words &&
           (piece->cap == CAP_NULL || known->cap == CAP_NULL);
}

static void take(struct pieces *known, const struct piece *piece) {
    memcpy(known->word + known->words, piece->word, piece->words * sizeof(uint64_t));
    known->words += piece->words;
    if (piece->cap != CAP_NULL) {
        known->cap = piece->cap;
    }
}

err_t pieces_add(struct pieces **list, uint16_t operation, const struct piece *piece, struct pieces **whole) {
    struct pieces **at = find(list, piece->token);
    *whole = NULL;
    if (piece->offset == 0 && *at != NULL) {
        drop(at);
    }
    if (piece->offset == 0) {
        TRY(begin(list, operation, piece));
        at = list;
    }
    struct pieces *known = *at;
    if (known == NULL) {
        return ERR_FORMAT;
    }
    if (!follows(known, operation, piece)) {
        drop(at);
        return ERR_FORMAT;
    }
    take(known, piece);
    if (known->words == known->total) {
        *at = known->next;
        *whole = known;
    }
    return ERR_OK;
}
