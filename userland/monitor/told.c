/* The glue between journal.h and the knowledge base. */
#include "monitor/told.h"

#include <abi/stubs.h>
#include <skerry/fibre.h>
#include <skerry/ram.h>
#include <skerry/slots.h>
#include <skerry/string.h>
#include <skerry/sync.h>
#include <skerry/time.h>
#include <skerry/vspace.h>

#include "monitor/agreement.h"
#include "monitor/cores.h"
#include "monitor/machine.h"
#include "monitor/skb.h"

#define REST_MS 1         /* before a text is tried again that found too many others under way */
#define SIZE (64ul << 10) /* of a journal, and so much more: */
#define SIZE_PAIR 5       /* bytes of a measured cost, for each pair of cores */

static struct journal journal;
static capaddr_t frame;
static struct mutex writing;       /* one text of this core after the other */
static struct fibre_queue changed; /* one has ended, or there is a copy */

static err_t prepare(void *context, const struct agree_work *work, uint64_t *holder) {
    (void)context;
    return journal_prepare(&journal, work, holder);
}

static err_t finish(void *context, const struct agree_work *work, enum agree_end end) {
    (void)context;
    return journal_finish(&journal, work, end);
}

/* The next piece may be under way now. */
static void done(void *context, uint64_t cookie, err_t result) {
    (void)context, (void)cookie;
    journal_done(&journal, result);
    agreement_hurry();
}

static void note(void *context, unsigned from, const uint64_t op[AGREE_WORDS]) {
    (void)context;
    journal_note(&journal, from, op);
    fibre_wake_all(&changed);
}

static void viewed(void *context, const struct agree_set *dead, const struct agree_set *joined) {
    (void)context, (void)joined;
    journal_viewed(&journal, dead);
    fibre_wake_all(&changed);
}

static void ended(struct journal *ended) {
    (void)ended;
    fibre_wake_all(&changed);
}

static const struct agree_client client = {
    .prepare = prepare,
    .finish = finish,
    .done = done,
    .note = note,
    .view = viewed,
};

void told_init(void) {
    agreement_register(AGREEMENT_FACTS, &client);
}

err_t told_begin(void) {
    uint64_t cores = core_count(), size = ALIGN_UP(SIZE + cores * cores * SIZE_PAIR, PAGE_SIZE);
    struct journal_config config = {.agree = agreement(), .client = AGREEMENT_FACTS, .size = size, .ended = ended};
    TRY(ram_make(CAP_TYPE_FRAME, size, &frame, NULL));
    struct vspace_request request = {frame, 0, size, MAP_READ | MAP_WRITE};
    TRY(vspace_map(&request, &config.memory, NULL));
    journal_init(&journal, &config);
    return ERR_OK;
}

static bool is_there(void) {
    return journal.agree != NULL;
}

static err_t put_once(const struct journal_text *text, uint64_t deadline) {
    agreement()->now = time_now();
    TRY(journal_put(&journal, text, deadline));
    agreement_hurry();
    while (journal.put.active) { /* its end always comes */
        (void)fibre_wait(&changed, 0);
    }
    return (err_t)journal.put.result;
}

/* A core that was just let in has no copy yet; others may have many texts under way. */
static err_t put(const struct journal_text *text, uint64_t deadline) {
    for (;;) {
        err_t err = put_once(text, deadline);
        if (err != ERR_NOT_READY && err != ERR_BUSY) {
            return err;
        }
        if (time_now() >= deadline) {
            return ERR_TIMEOUT;
        }
        (void)fibre_wait(&changed, MIN(deadline, time_deadline(REST_MS)));
    }
}

err_t told_put(const struct journal_text *text, uint64_t deadline, uint64_t *number) {
    if (!is_there()) {
        return ERR_NOT_READY;
    }
    mutex_lock(&writing);
    err_t err = put(text, deadline);
    if (err == ERR_OK) {
        *number = journal.put.number;
    }
    mutex_unlock(&writing);
    return err;
}

err_t told_share(capaddr_t *cap) {
    if (!is_there()) {
        return ERR_NOT_READY;
    }
    TRY(slot_alloc(cap));
    err_t err = cap_mint(frame, slot_word(*cap), RIGHT_READ | RIGHT_GRANT, 0);
    if (err != ERR_OK) {
        slot_free(*cap);
    }
    return err;
}

err_t told_serve(const struct peer_message *request, uint64_t reply[PEER_PAYLOAD - 1]) {
    (void)request;
    if (!is_there() || !journal.ready) {
        return ERR_NOT_READY;
    }
    reply[0] = journal.memory->newest;
    reply[1] = journal.memory->hash;
    reply[2] = journal.memory->used | journal.size << 32;
    reply[3] = skb_applied(&reply[4]) ? 1 : 0;
    return ERR_OK;
}

err_t told_of(coreid_t core, uint64_t words[TOLD_WORDS]) {
    struct peer_call call = {.to = core, .operation = PEER_TOLD};
    err_t err = core == this_core() ? told_serve(NULL, call.reply) : peer_call(&call);
    memcpy(words, call.reply, TOLD_WORDS * sizeof(words[0]));
    return err;
}
