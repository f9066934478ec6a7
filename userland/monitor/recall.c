/* An operation: base, size. Whose memory it is says the transaction's coordinator. */
#include "monitor/recall.h"

#include <abi/stubs.h>
#include <skerry/log.h>
#include <skerry/time.h>

#include "monitor/agreement.h"
#include "monitor/cores.h"
#include "monitor/loans.h"
#include "monitor/machine.h"
#include "monitor/shared_ends.h"

#define PATIENCE 5 /* times a peer's deadline, for loans that are being made and for a place in the window */

enum { WORD_BASE, WORD_SIZE };

static err_t prepare(void *context, const struct agree_work *work, uint64_t *holder) {
    (void)context, (void)work, (void)holder;
    return ERR_UNSUPPORTED; /* there is nothing to ask: a recall has one phase */
}

/* An abort is of something that was refused above. */
static err_t finish(void *context, const struct agree_work *work, enum agree_end end) {
    (void)context;
    for (unsigned i = 0; end == AGREE_COMMIT && i < work->count; i++) {
        struct memory memory = {work->op[i][WORD_BASE], work->op[i][WORD_SIZE]};
        loans_revoke_borrowed(work->id.core, &memory);
    }
    return ERR_OK;
}

static void note(void *context, unsigned from, const uint64_t op[AGREE_WORDS]) {
    (void)context, (void)op;
    log_line("core %u sent a note about capabilities: there are none", from);
}

static const struct agree_client client = {
    .prepare = prepare,
    .finish = finish,
    .done = agreement_done,
    .note = note,
};

void recall_init(void) {
    agreement_register(AGREEMENT_RECALL, &client);
}

static err_t memory_of(capaddr_t cap, struct memory *memory) {
    uint64_t meta;
    TRY(kernel_identify(CAP_KERNEL, cap, &meta, &memory->base, &memory->size, NULL));
    if (!loan_is_memory(meta)) {
        return ERR_CAP_TYPE;
    }
    if (meta >> 16 != this_core()) {
        return ERR_FOREIGN;
    }
    return (meta >> 8 & RIGHT_GRANT) != 0 ? ERR_OK : ERR_CAP_RIGHTS;
}

/* Whoever has died since the loan was made has it no more: its channels end by themselves, and with them the mark. */
static err_t agree(const struct memory *memory, const struct agree_set *borrowers, uint64_t deadline) {
    struct agree_request request = {
        .client = AGREEMENT_RECALL,
        .phases = 1,
        .topology = AGREE_NUMA,
        .members = agree_both(borrowers, &agreement()->live),
        .deadline = deadline,
        .op = {memory->base, memory->size},
    };
    agree_add(&request.members, this_core());
    return agreement_do(&request);
}

static err_t recall_memory(struct recalled *recalled, uint64_t deadline) {
    struct agree_set borrowers;
    shared_end_within(&recalled->memory);
    TRY(loans_settle(&recalled->memory, deadline));
    loans_borrowers(&recalled->memory, &borrowers);
    if (agree_empty(&borrowers)) {
        return loans_overlap(&recalled->memory) ? ERR_SHARED : ERR_OK;
    }
    TRY(agree(&recalled->memory, &borrowers, deadline));
    loans_returned(&recalled->memory, &borrowers);
    return ERR_OK;
}

err_t recall(capaddr_t cap) {
    struct recalled recalled = {0};
    TRY(memory_of(cap, &recalled.memory));
    loans_hold(&recalled);
    err_t err = recall_memory(&recalled, time_deadline(PATIENCE * peer_deadline_ms()));
    loans_go_on(&recalled);
    return err;
}
