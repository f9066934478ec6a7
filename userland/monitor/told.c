/* The glue between journal.h and the knowledge base. */
#include "monitor/told.h"

#include <skerry/slots.h>
#include <skerry/string.h>

#include "monitor/advice.h"
#include "monitor/agreement.h"
#include "monitor/cores.h"
#include "monitor/machine.h"
#include "monitor/skb.h"
#include "monitor/writing.h"

#define SIZE (64ul << 10) /* of a journal, and so much more: */
#define SIZE_PAIR 5       /* bytes of a measured cost, for each pair of cores */

static struct writing told;

static err_t prepare(void *context, const struct agree_work *work, uint64_t *holder) {
    (void)context;
    return journal_prepare(&told.journal, work, holder);
}

static err_t finish(void *context, const struct agree_work *work, enum agree_end end) {
    (void)context;
    uint64_t newest = told.journal.memory->newest;
    err_t err = journal_finish(&told.journal, work, end);
    if (told.journal.memory->newest != newest) {
        advice_look();
    }
    return err;
}

static void done(void *context, uint64_t cookie, err_t result) {
    (void)context, (void)cookie;
    writing_done(&told, result);
}

static void note(void *context, unsigned from, const uint64_t op[AGREE_WORDS]) {
    (void)context;
    writing_note(&told, from, op);
}

static void viewed(void *context, const struct agree_set *dead, const struct agree_set *joined) {
    (void)context, (void)joined;
    writing_viewed(&told, dead);
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
    return writing_begin(&told, AGREEMENT_FACTS, size);
}

err_t told_put(const struct journal_text *text, uint64_t deadline, uint64_t *number) {
    return writing_put(&told, text, deadline, number);
}

const struct journal_entry *told_newest(unsigned topic) {
    const struct journal_memory *memory = told.journal.memory;
    const struct journal_entry *found = NULL;
    for (const struct journal_entry *at = journal_next(memory, NULL); at != NULL; at = journal_next(memory, at)) {
        found = at->topic == topic ? at : found;
    }
    return found;
}

err_t told_share(capaddr_t *cap) {
    if (told.frame == CAP_NULL) {
        return ERR_NOT_READY;
    }
    return slot_mint(told.frame, RIGHT_READ | RIGHT_GRANT, 0, cap);
}

err_t told_serve(const struct peer_message *request, uint64_t reply[PEER_PAYLOAD - 1]) {
    (void)request;
    if (!writing_is_ready(&told)) {
        return ERR_NOT_READY;
    }
    reply[0] = told.journal.memory->newest;
    reply[1] = told.journal.memory->hash;
    reply[2] = told.journal.memory->used | told.journal.size << 32;
    reply[3] = skb_applied(&reply[4]) ? 1 : 0;
    return ERR_OK;
}

err_t told_of(coreid_t core, uint64_t words[TOLD_WORDS]) {
    struct peer_call call = {.to = core, .operation = PEER_TOLD};
    err_t err = core == this_core() ? told_serve(NULL, call.reply) : peer_call(&call);
    memcpy(words, call.reply, TOLD_WORDS * sizeof(words[0]));
    return err;
}
