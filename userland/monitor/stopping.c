/* A stop, step by step:
     1  the core ends its domains, while all is still there that they may have shared with others
     2  it parks itself; or, when it did not answer or does not come to park, an NMI takes it there; or a reset does
     3  what hardware its domains had is quiet; every other monitor ends what it shares with the core, and says so
     4  the memory that the core had is ours again
   Nothing of 4 is done unless 2 and 3 have been. One core is stopped or started at a time. */
#include "monitor/stopping.h"

#include <abi/stubs.h>
#include <skerry/fibre.h>
#include <skerry/log.h>
#include <skerry/time.h>

#include "monitor/cores.h"
#include "monitor/domains.h"
#include "monitor/gifts.h"
#include "monitor/gone.h"
#include "monitor/joining.h"
#include "monitor/machine.h"
#include "monitor/membership.h"
#include "monitor/owned.h"
#include "monitor/starting.h"
#include "monitor/trace.h"

#define LEAVE_DEADLINES 5 /* each of its domains may have to wait for a peer or two */

/* A round of the same question to all others. */
struct round {
    uint16_t operation;
    coreid_t about;
    uint32_t open;   /* not answered yet */
    coreid_t failed; /* one that did not, or MAX_CORES */
    struct fibre_queue done;
};

struct question {
    struct round *round;
    coreid_t to;
};

static bool busy; /* a core is being stopped or started */
static struct fibre_queue idle;

static void begin(void) {
    while (busy) {
        (void)fibre_wait(&idle, 0);
    }
    busy = true;
}

static void end(void) {
    busy = false;
    (void)fibre_wake(&idle);
}

static void ask_one(void *argument) {
    const struct question *question = argument;
    struct round *round = question->round;
    struct peer_call call = {.to = question->to, .operation = round->operation, .probe = true};
    call.request[0] = round->about;
    if (peer_call(&call) != ERR_OK) {
        round->failed = question->to;
    }
    round->open--;
    (void)fibre_wake(&round->done);
}

static bool takes_part(coreid_t id, coreid_t about) {
    enum monitor_core_state state = core_get(id)->state;
    return id != this_core() && id != about && state != MONITOR_CORE_NOT_STARTED && state != MONITOR_CORE_STOPPED;
}

/* Returns the core that did not answer, MAX_CORES when all did. */
static coreid_t ask_all(uint16_t operation, coreid_t about) {
    struct round round = {.operation = operation, .about = about, .failed = MAX_CORES};
    for (coreid_t id = 0; id < core_count(); id++) {
        struct question question = {&round, id};
        if (!takes_part(id, about)) {
            continue;
        }
        round.open++;
        if (fibre_spawn(ask_one, &question, sizeof(question)) != ERR_OK) {
            round.open--;
            round.failed = id;
        }
    }
    while (round.open > 0) {
        (void)fibre_wait(&round.done, 0); /* each call has a deadline */
    }
    return round.failed;
}

/* Step 1, for a core that is there at all. What it does not do in time ends when it is parked. */
static bool leave(coreid_t id) {
    struct peer_call there = {.to = id, .operation = PEER_PING};
    struct peer_call call = {.to = id, .operation = PEER_LEAVE, .deadline_ms = LEAVE_DEADLINES * peer_deadline_ms()};
    err_t err = peer_call(&there);
    err = err == ERR_OK ? peer_call(&call) : err;
    if (err != ERR_OK) {
        log_line("core %u does not end its domains: %s", id, err_name(err));
    }
    return err == ERR_OK;
}

/* A core that said no hello may not have come so far that it survives an NMI: after a reset there is no table for it. */
static err_t by_force(coreid_t id, struct core *core) {
    capaddr_t cap;
    TRY(core_capability(core, 0, &cap));
    if (core->greeted) {
        TRY(core_nmi(cap));
        if (park_await(&core->park, time_deadline(peer_deadline_ms()))) {
            return ERR_OK;
        }
        log_line("core %u does not heed a non-maskable interrupt: it is reset", id);
    }
    TRY(starting_reset(core, id));
    return park_await(&core->park, time_deadline(peer_deadline_ms())) ? ERR_OK : ERR_PEER_DEAD;
}

/* Step 2 */
static err_t fence(coreid_t id, struct core *core) {
    struct peer_message park = {.type = PEER_PARK, .from = this_core(), .to = id};
    if (leave(id) && peer_post(&park) == ERR_OK && park_await(&core->park, time_deadline(peer_deadline_ms()))) {
        return ERR_OK;
    }
    return by_force(id, core);
}

/* Steps 3 and 4 */
static err_t clear(coreid_t id) {
    owned_core_gone(id);
    coreid_t failed = ask_all(PEER_GONE, id);
    if (failed != MAX_CORES) {
        log_line("core %u is parked, but its %lu KiB stay out of use: core %u does not say that it has let go of them",
                 id, gifts_of(id) / 1024, failed);
        return ERR_TIMEOUT;
    }
    return gifts_take_back(id);
}

static err_t stop(coreid_t id) {
    struct core *core = core_get(id);
    if (core == NULL || core->state == MONITOR_CORE_NOT_STARTED) {
        return ERR_NOT_FOUND;
    }
    if (id == this_core()) {
        return ERR_UNSUPPORTED;
    }
    if (core->state == MONITOR_CORE_STOPPED && gifts_of(id) == 0) {
        return ERR_NOT_READY;
    }
    if (core->state != MONITOR_CORE_STOPPED) {
        TRY(fence(id, core));
        gone_take(id);
        TRY(membership_await_out(id));
    }
    return clear(id);
}

static err_t start(coreid_t id, const char *image_class) {
    struct core *core = core_get(id);
    if (core == NULL || core->apic == NO_APIC) {
        return ERR_NOT_FOUND;
    }
    if (core->state != MONITOR_CORE_STOPPED && core->state != MONITOR_CORE_NOT_STARTED) {
        return ERR_NOT_READY;
    }
    enum monitor_core_state before = core->state;
    if (gifts_of(id) != 0) { /* it said no hello at boot, or somebody had not let go of its memory */
        TRY(park_is_there(&core->park) ? ERR_OK : by_force(id, core));
        gone_take(id);
        TRY(clear(id));
    }
    err_t err = starting_core(id, image_class);
    if (err != ERR_OK) {
        core->state = before;
        return err;
    }
    if (!joining_wait(core, starting_deadline())) {
        core_silent(id);
        err = stop(id);
        return err == ERR_OK ? ERR_TIMEOUT : err;
    }
    (void)ask_all(PEER_BACK, id); /* who does not answer takes it for stopped: its calls there end with an error */
    return membership_await_in(id);
}

err_t stopping_stop(coreid_t id) {
    begin();
    err_t err = stop(id);
    end();
    return err;
}

err_t stopping_start(coreid_t id, const char *image_class) {
    begin();
    err_t err = start(id, image_class);
    end();
    return err;
}

err_t stopping_serve_leave(const struct peer_message *request, uint64_t reply[PEER_PAYLOAD - 1]) {
    if (request->from != boot_data()->starter) {
        return ERR_CAP_RIGHTS;
    }
    reply[0] = domains_leave();
    return ERR_OK;
}

err_t stopping_serve_park(const struct peer_message *request, uint64_t reply[PEER_PAYLOAD - 1]) {
    (void)reply;
    if (request->from != boot_data()->starter) {
        return ERR_CAP_RIGHTS;
    }
    TRY(trace_set(false)); /* what is still in the rings would be lost */
    return kernel_park(CAP_KERNEL);
}
