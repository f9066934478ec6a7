/* Each of the fibres asks for one round after the other. */
#include "monitor/practice.h"

#include <skerry/fibre.h>
#include <skerry/log.h>
#include <skerry/time.h>

#include "monitor/agreement.h"
#include "monitor/cores.h"
#include "monitor/machine.h"

struct run {
    struct agree_request request;
    uint64_t left;
    unsigned flying;
    err_t err; /* the first one */
    struct fibre_queue done;
};

static err_t prepare(void *context, const struct agree_work *work, uint64_t *holder) {
    (void)context, (void)work, (void)holder;
    return ERR_OK;
}

static err_t finish(void *context, const struct agree_work *work, enum agree_end end) {
    (void)context, (void)work, (void)end;
    return ERR_OK;
}

static void note(void *context, unsigned from, const uint64_t op[AGREE_WORDS]) {
    (void)context, (void)op;
    log_line("core %u sent a note about nothing", from);
}

static const struct agree_client client = {
    .prepare = prepare,
    .finish = finish,
    .done = agreement_done,
    .note = note,
};

void practice_init(void) {
    agreement_register(AGREEMENT_PRACTICE, &client);
}

static void fly(void *argument) {
    struct run *run = *(struct run **)argument;
    while (run->left > 0) {
        run->left--;
        struct agree_request request = run->request;
        err_t err = agreement_do(&request);
        run->err = run->err == ERR_OK ? err : run->err;
    }
    run->flying--;
    (void)fibre_wake(&run->done);
}

static err_t check(const struct practice *what) {
    if (what->cores == 0 || what->cores > core_count() || what->topology >= AGREE_TOPOLOGIES || what->phases == 0 ||
        what->phases > 2 || what->flying == 0 || what->flying > AGREE_QUEUE || what->rounds == 0 ||
        what->rounds > MONITOR_PRACTICE_MAX) {
        return ERR_ARGUMENT;
    }
    return ERR_OK;
}

static struct agree_set first_of(const struct agree_set *live, uint64_t count) {
    struct agree_set set = {};
    AGREE_FOR_EACH(core, live) {
        if (count > 0) {
            agree_add(&set, core);
            count--;
        }
    }
    return set;
}

err_t practice(const struct practice *what, uint64_t *ticks) {
    TRY(check(what));
    struct run run = {.left = what->rounds};
    struct run *argument = &run;
    run.request = (struct agree_request){
        .client = AGREEMENT_PRACTICE,
        .phases = (uint16_t)what->phases,
        .topology = (uint16_t)what->topology,
        .members = first_of(&agreement()->live, what->cores),
        .flags = what->flying > AGREE_WINDOW ? 0 : AGREE_ALONE,
        .deadline = time_deadline(peer_deadline_ms()),
    };
    uint64_t before = time_now();
    for (; run.flying < what->flying; run.flying++) {
        if (fibre_spawn(fly, &argument, sizeof(argument)) != ERR_OK) {
            break;
        }
    }
    err_t err = run.flying > 0 ? ERR_OK : ERR_NO_MEMORY;
    while (run.flying > 0) {
        (void)fibre_wait(&run.done, 0); /* each round has a deadline */
    }
    *ticks = time_now() - before;
    return err == ERR_OK ? run.err : err;
}
