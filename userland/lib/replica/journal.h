/* What the files behind <skerry/journal.h> share. */
#ifndef REPLICA_JOURNAL_H
#define REPLICA_JOURNAL_H

#include <skerry/journal.h>

/* The first word of an operation. */
struct journal_head {
    unsigned size, topic, kind, mark, piece;
    bool last;
};

static inline uint64_t journal_head_word(const struct journal_head *head) {
    return head->size | (uint64_t)head->topic << 16 | (uint64_t)head->mark << 32 | (uint64_t)head->piece << 48 |
           (uint64_t)head->kind << 56 | (uint64_t)head->last << 63;
}

static inline struct journal_head journal_head_of(uint64_t word) {
    return (struct journal_head){
        .size = word & 0xffff,
        .topic = word >> 16 & 0xffff,
        .mark = word >> 32 & 0xffff,
        .piece = word >> 48 & 0xff,
        .kind = word >> 56 & 0x7f,
        .last = word >> 63 != 0,
    };
}

static inline unsigned journal_pieces(uint64_t size) {
    return size == 0 ? 1 : (unsigned)((size + JOURNAL_PIECE - 1) / JOURNAL_PIECE);
}

/* journal_pages.c: the memory */

/* There is room for one more, if need be after throwing out what it makes superfluous. */
bool journal_has_room(const struct journal *journal, unsigned topic, unsigned size);

/* What is pending; there is room. */
void journal_append(struct journal *journal);

#endif
