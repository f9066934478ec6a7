/* A journal (skerry/journal.h) of this monitor: its memory, and texts that are put one after the other, each by a fibre that
   waits. Its owner is the engine's client and hands on what the engine says. */
#ifndef MONITOR_WRITING_H
#define MONITOR_WRITING_H

#include <skerry/fibre.h>
#include <skerry/journal.h>
#include <skerry/sync.h>

struct writing {
    struct journal journal; /* first: its callback gets from here to the rest */
    capaddr_t frame;
    struct mutex turn;          /* one text of this core after the other */
    struct fibre_queue changed; /* one has ended, or there is a copy */
};

/* After the engine has started; `size` in whole pages. */
[[nodiscard]] err_t writing_begin(struct writing *writing, unsigned client, uint64_t size);

/* Every replica has the text; its number among all. TIMEOUT: it has not happened; NO_MEMORY: the journal is full; NOT_READY:
   there is no journal yet. */
[[nodiscard]] err_t writing_put(struct writing *writing, const struct journal_text *text, uint64_t deadline,
                                uint64_t *number);

/* It has begun, and has all that the others have. */
static inline bool writing_is_ready(const struct writing *writing) {
    return writing->journal.copy.agree != NULL && writing->journal.copy.ready;
}

/* For the owner's agree_client, which has no more to do in these. */
void writing_done(struct writing *writing, err_t result);
void writing_note(struct writing *writing, unsigned from, const uint64_t op[AGREE_WORDS]);
void writing_viewed(struct writing *writing, const struct agree_set *dead);

#endif
