/* The table of contents of a core's end, as the others see it. An operation: the core. */
#include "monitor/gone.h"

#include <skerry/fibre.h>
#include <skerry/log.h>
#include <skerry/time.h>

#include "monitor/agreement.h"
#include "monitor/bind.h"
#include "monitor/bulletins.h"
#include "monitor/cores.h"
#include "monitor/introduce.h"
#include "monitor/machine.h"
#include "monitor/peers.h"
#include "monitor/shared_ends.h"

#define PATIENCE 5 /* times a peer's deadline, for a place in the window */

static struct agree_set due;            /* to be let go of */
static struct agree_id owed[MAX_CORES]; /* the transaction that waits for that; number 0: none */
static struct fibre_queue changed;

static void let_go(coreid_t core) {
    peers_end(core);
    binds_core_gone(core);
    shared_ends_survive();
    introduce_end(core);
    bulletins_end(core);
    if (owed[core].number != 0) {
        struct agree_id id = owed[core];
        owed[core] = (struct agree_id){};
        agreement_answer(id, ERR_OK);
    }
}

static void serve(void *argument) {
    (void)argument;
    for (;;) {
        unsigned core = agree_lowest(&due);
        if (core == AGREE_NOBODY) {
            (void)fibre_wait(&changed, 0);
        } else {
            agree_remove(&due, core);
            let_go((coreid_t)core);
        }
    }
}

static void take(coreid_t core) {
    core_get(core)->state = MONITOR_CORE_STOPPED;
    agree_add(&due, core);
    (void)fibre_wake(&changed);
}

static err_t prepare(void *context, const struct agree_work *work, uint64_t *holder) {
    (void)context, (void)work, (void)holder;
    return ERR_UNSUPPORTED; /* it has one phase */
}

static err_t finish(void *context, const struct agree_work *work, enum agree_end end) {
    uint64_t core = work->op[0][0];
    (void)context;
    if (end == AGREE_ABORT) {
        return ERR_OK;
    }
    if (work->count != 1 || core >= core_count() || agree_has(&agreement()->live, (unsigned)core)) {
        log_line("core %u wants core %lu to be let go of, which is none or lives", work->id.core, core);
        return ERR_OK;
    }
    owed[core] = work->id;
    take((coreid_t)core);
    return ERR_CONTINUE;
}

static void note(void *context, unsigned from, const uint64_t op[AGREE_WORDS]) {
    (void)context, (void)op;
    log_line("core %u sent a note about the dead: there are none", from);
}

static const struct agree_client client = {
    .prepare = prepare,
    .finish = finish,
    .done = agreement_done,
    .note = note,
};

err_t gone_init(void) {
    agreement_register(AGREEMENT_GONE, &client);
    return fibre_spawn(serve, NULL, 0);
}

void gone_viewed(const struct agree_set *dead, const struct agree_set *live) {
    AGREE_FOR_EACH(core, dead) {
        take((coreid_t)core);
    }
    AGREE_FOR_EACH(core, live) {
        struct core *at = core_get((coreid_t)core);
        if (at->state == MONITOR_CORE_STOPPED) { /* it may be asked again */
            at->state = MONITOR_CORE_UNKNOWN;
        }
    }
}

err_t gone_everywhere(coreid_t core) {
    struct agree_request request = {
        .client = AGREEMENT_GONE,
        .phases = 1,
        .topology = AGREE_NUMA,
        .flags = AGREE_EVERYONE | AGREE_ALONE | AGREE_AFTER_THE_DEAD,
        .deadline = time_deadline(PATIENCE * peer_deadline_ms()),
        .op = {core},
    };
    return agreement_do(&request);
}
