/* See writing.h. */
#include "monitor/writing.h"

#include <skerry/ram.h>
#include <skerry/time.h>
#include <skerry/vspace.h>

#include "monitor/agreement.h"

#define REST_MS 1 /* before a text is tried again that found too many others under way */

static void ended(struct journal *journal) {
    struct writing *writing = (struct writing *)journal;
    fibre_wake_all(&writing->changed);
}

err_t writing_begin(struct writing *writing, unsigned client, uint64_t size) {
    struct journal_config config = {.agree = agreement(), .client = client, .size = size, .ended = ended};
    TRY(ram_make(CAP_TYPE_FRAME, size, &writing->frame, NULL));
    struct vspace_request request = {writing->frame, 0, size, MAP_READ | MAP_WRITE};
    TRY(vspace_map(&request, &config.memory, NULL));
    journal_init(&writing->journal, &config);
    return ERR_OK;
}

static err_t put_once(struct writing *writing, const struct journal_text *text, uint64_t deadline) {
    struct journal *journal = &writing->journal;
    agreement()->now = time_now();
    TRY(journal_put(journal, text, deadline));
    agreement_hurry();
    while (journal->put.active) { /* its end always comes */
        (void)fibre_wait(&writing->changed, 0);
    }
    return (err_t)journal->put.result;
}

/* A core that was just let in has no copy yet; others may have many texts under way. */
static err_t put(struct writing *writing, const struct journal_text *text, uint64_t deadline) {
    for (;;) {
        err_t err = put_once(writing, text, deadline);
        if (err != ERR_NOT_READY && err != ERR_BUSY) {
            return err;
        }
        if (time_now() >= deadline) {
            return ERR_TIMEOUT;
        }
        (void)fibre_wait(&writing->changed, MIN(deadline, time_deadline(REST_MS)));
    }
}

err_t writing_put(struct writing *writing, const struct journal_text *text, uint64_t deadline, uint64_t *number) {
    if (writing->journal.copy.agree == NULL) {
        return ERR_NOT_READY;
    }
    mutex_lock(&writing->turn);
    err_t err = put(writing, text, deadline);
    *number = writing->journal.put.number;
    mutex_unlock(&writing->turn);
    return err;
}

/* The next piece may be under way now. */
void writing_done(struct writing *writing, err_t result) {
    journal_done(&writing->journal, result);
    agreement_hurry();
}

void writing_note(struct writing *writing, unsigned from, const uint64_t op[AGREE_WORDS]) {
    journal_note(&writing->journal, from, op);
    fibre_wake_all(&writing->changed);
}

void writing_viewed(struct writing *writing, const struct agree_set *dead) {
    journal_viewed(&writing->journal, dead);
    fibre_wake_all(&writing->changed);
}
