/* A journal of texts, replicated on every live core by agreement (agree.h): all replicas have the same texts in the same order.
   What a text says is its owner's business; `kind` is passed on. Storage is the owner's, fixed, and may be shown to readers.

   A text goes out in pieces of JOURNAL_PIECE bytes. All but the last are staged at every live core by one-phase operations,
   which commute. The last is a two-phase transaction: each replica that is asked must have all pieces, has room, and locks the
   journal's end; told to commit, it appends the text. All replicas lock before the first one appends, and each keeps its lock until
   it appends, so the order is one. Who lacks pieces, because it was let in after they were staged or because too many texts were
   under way, says NOT_READY, and the writer stages them anew.

   A put is done when every live replica has it, so a reader anywhere that begins later sees it. What only the dead had, and
   was not done, may be lost.

   Bounded: a text with a topic makes earlier ones of the same topic superfluous; these are thrown out, on every replica at the
   same text, when the journal is full. What then has no room is refused (NO_MEMORY), and nobody has it.

   A core that is let in finds nothing in flight (agree_pause). It asks the others for a copy; until it has one it refuses
   to be asked (BUSY, so writers try again). */
#ifndef SKERRY_JOURNAL_H
#define SKERRY_JOURNAL_H

#include <skerry/copy.h>

#ifndef JOURNAL_TEXT
#define JOURNAL_TEXT 1024 /* bytes of a text */
#endif
#ifndef JOURNAL_STAGES
#define JOURNAL_STAGES 8 /* texts of several pieces under way at a time; more get in each other's way */
#endif
#define JOURNAL_PIECE ((AGREE_WORDS - 1) * 8)
#define JOURNAL_PIECES ((JOURNAL_TEXT + JOURNAL_PIECE - 1) / JOURNAL_PIECE)

/* As it stands in the memory, the next one behind it, aligned to 8. */
struct journal_entry {
    uint64_t number; /* from 1 on, in the order of all */
    uint16_t core;   /* who put it */
    uint16_t kind, topic, size;
    uint8_t text[];
};

/* One writer, the replica; a reader of the same core looks without a lock:
   (1) the reader notes `moves`, and looks again later while it is odd; (2) it takes entries up to `used`; (3) it drops what it took
   if `moves` is another by then. The writer (a) makes `moves` odd, (b) throws entries out, (c) makes it even; or appends, and
   only then (d) raises `newest` and `used`. */
struct journal_memory {
    uint64_t moves, used, newest;
    uint64_t hash; /* of all that was ever put: two replicas with the same have the same */
    uint8_t entries[];
};

struct journal_text {
    const void *at;
    uint16_t kind, topic, size; /* topic 0: none */
};

struct journal_stage {
    uint64_t core, mark, got, touched; /* touched 0: free; got: a bit a piece */
    _Alignas(8) uint8_t text[JOURNAL_PIECES * JOURNAL_PIECE];
};

/* This core's own. */
struct journal_put {
    uint64_t active, mark, tries, deadline;
    uint64_t left, asked;    /* operations under way; yes or no: the last piece is one */
    uint64_t result, number; /* of the last one that ended */
    uint64_t kind, topic, size;
    _Alignas(8) uint8_t text[JOURNAL_PIECES * JOURNAL_PIECE];
};

struct journal {
    struct copy copy;
    struct journal_memory *memory;
    uint64_t size;                   /* of its entries */
    void (*ended)(struct journal *); /* this core's put has ended: see put.result */
    struct agree_id by;              /* who has the end locked; number 0: nobody */
    uint64_t stamp, touches;         /* stamp: of that one */
    struct journal_put put;
    struct journal_stage stage[JOURNAL_STAGES];
    uint64_t pending[4]; /* what is to be appended: core, kind, topic, size */
    _Alignas(8) uint8_t text[JOURNAL_PIECES * JOURNAL_PIECE];
};

struct journal_config {
    struct agree *agree;
    unsigned client;
    void *memory; /* zeroed */
    uint64_t size;
    void (*ended)(struct journal *);
};

/* At the start of the machine every replica is ready, and empty. A core that is let in later is not. */
void journal_init(struct journal *journal, const struct journal_config *config);

/* Begins; ended() comes, perhaps before this returns. NOT_READY; BUSY: one of this core's is under way; ARGUMENT. Results: OK,
   with its number; NO_MEMORY: the journal is full; BUSY: too many at once; TIMEOUT, or what the engine says: it has not happened. */
[[nodiscard]] err_t journal_put(struct journal *journal, const struct journal_text *text, uint64_t deadline);

/* The first entry, or the next; NULL: there is none. Of a core's own memory. */
const struct journal_entry *journal_next(const struct journal_memory *memory, const struct journal_entry *entry);

/* For the owner's agree_client. */
err_t journal_prepare(struct journal *journal, const struct agree_work *work, uint64_t *holder);
err_t journal_finish(struct journal *journal, const struct agree_work *work, enum agree_end end);
void journal_done(struct journal *journal, err_t result);
void journal_note(struct journal *journal, unsigned from, const uint64_t op[AGREE_WORDS]);
void journal_viewed(struct journal *journal, const struct agree_set *dead);

#endif
