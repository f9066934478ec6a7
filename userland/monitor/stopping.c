/* A stop, step by step:
     1  the core ends its domains, while all is still there that they may have shared with others
     2  it parks itself; or, when it did not answer or does not come to park, an NMI takes it there; or a reset does
     3  a view without it is agreed; what hardware its domains had is quiet; every other monitor has let go of what it
        shared with the core (gone.h)
     4  the memory that the core had is ours again
   Nothing of 4 is done unless 2 and 3 have been. One that is suspected to be dead begins with the second half of 2, and the
   rest is done wherever the home is then.
   One core is stopped or started at a time. */
#include "monitor/stopping.h"

#include <abi/stubs.h>
#include <skerry/fibre.h>
#include <skerry/log.h>
#include <skerry/sync.h>
#include <skerry/time.h>

#include "monitor/agreement.h"
#include "monitor/cores.h"
#include "monitor/domains.h"
#include "monitor/gifts.h"
#include "monitor/gone.h"
#include "monitor/home.h"
#include "monitor/joining.h"
#include "monitor/machine.h"
#include "monitor/membership.h"
#include "monitor/owned.h"
#include "monitor/ownership.h"
#include "monitor/starting.h"
#include "monitor/survivors.h"
#include "monitor/trace.h"

#define LEAVE_DEADLINES 5 /* each of its domains may have to wait for a peer or two */

static bool busy; /* a core is being stopped or started */
static struct fibre_queue idle;
static struct agree_set ordered;  /* they were stopped because somebody wanted it, not because they had died */
static struct agree_set starting; /* ... and are in no view yet */

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

/* A core that said no hello may not have come so far that it survives an NMI: after a reset there is no table for it. The core
   that booted comes out of a reset in the firmware, not in a trampoline: what no NMI reaches there stays where it is. */
static err_t force(coreid_t id, struct core *core) {
    capaddr_t cap;
    if (core->apic == NO_APIC && ownership_core(id).park != 0) {
        core->apic = ownership_core(id).apic;
    }
    TRY(core_capability(core, 0, &cap));
    if (core->greeted) {
        TRY(core_nmi(cap));
        if (park_await(&core->park, time_deadline(peer_deadline_ms()))) {
            return ERR_OK;
        }
        log_line("core %u does not heed a non-maskable interrupt%s", id, id == 0 ? "" : ": it is reset");
    }
    if (id == 0) {
        return ERR_PEER_DEAD;
    }
    TRY(starting_reset(core, id));
    return park_await(&core->park, time_deadline(peer_deadline_ms())) ? ERR_OK : ERR_PEER_DEAD;
}

/* One core at a time, whoever wants it. */
static err_t by_force(coreid_t id, struct core *core) {
    static struct mutex lock;
    mutex_lock(&lock);
    err_t err = park_find(id, &core->park);
    if (err == ERR_OK && !park_is_there(&core->park)) {
        err = force(id, core);
    }
    mutex_unlock(&lock);
    return err;
}

/* Step 2 */
static err_t fence(coreid_t id, struct core *core) {
    struct peer_message park = {.type = PEER_PARK, .from = this_core(), .to = id};
    TRY(park_find(id, &core->park));
    if (leave(id) && peer_post(&park) == ERR_OK && park_await(&core->park, time_deadline(peer_deadline_ms()))) {
        return ERR_OK;
    }
    return by_force(id, core);
}

/* Steps 3 and 4 */
static err_t clear(coreid_t id) {
    owned_core_gone(id);
    survivors_ask();
    err_t err = gone_everywhere(id);
    if (err != ERR_OK) {
        log_line("core %u is parked, but its %lu KiB stay out of use: not all others have let go of them: %s", id,
                 ownership_bytes(id) / 1024, err_name(err));
        return err;
    }
    survivors_asked();
    return gifts_take_back(id);
}

static err_t stop(coreid_t id) {
    struct core *core = core_get(id);
    if (core == NULL || core->state == MONITOR_CORE_NOT_STARTED) {
        return ERR_NOT_FOUND;
    }
    if (core->state == MONITOR_CORE_STOPPED && ownership_bytes(id) == 0) {
        return ERR_NOT_READY;
    }
    if (core->state != MONITOR_CORE_STOPPED) {
        agree_add(&ordered, id);
        err_t err = fence(id, core);
        err = err == ERR_OK ? membership_await_out(id) : err;
        if (err != ERR_OK) {
            agree_remove(&ordered, id);
            return err;
        }
        core->state = MONITOR_CORE_STOPPED; /* one that was in no view, too */
        core->why = ERR_OK;
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
    if (ownership_bytes(id) != 0) { /* it said no hello at boot, or somebody had not let go of its memory */
        TRY(by_force(id, core));
        TRY(membership_await_out(id));
        TRY(clear(id));
    }
    agree_add(&starting, id);
    agree_remove(&ordered, id);
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
    TRY(membership_await_in(id));
    home_await_all();
    return ERR_OK;
}

/* The home cannot see its own end: its heir does, and is home then. */
static err_t stop_home(void) {
    unsigned heir = home_heir();
    struct peer_message message = {.type = PEER_STOP, .from = this_core(), .to = (coreid_t)heir, .word = {this_core()}};
    return heir == AGREE_NOBODY ? ERR_UNSUPPORTED : peer_post(&message);
}

err_t stopping_stop(coreid_t id) {
    if (id == this_core()) {
        return stop_home();
    }
    begin();
    err_t err = stop(id);
    end();
    return err;
}

err_t stopping_start(coreid_t id, const char *image_class) {
    begin();
    err_t err = start(id, image_class);
    agree_remove(&starting, id);
    end();
    return err;
}

/* Suspects. They are fenced by whoever leads, without regard to who else is being stopped: a view without one waits for all
   others that are dead to be fenced, too. */

static struct agree_set suspects;
static struct fibre_queue suspicion, owners_changed;

static void fence_suspect(coreid_t id, struct core *core) {
    log_line("core %u is dead: it is fenced", id);
    err_t err = by_force(id, core);
    if (err != ERR_OK) {
        log_line("core %u may be dead, but is not out of the way: %s", id, err_name(err));
        return;
    }
    membership_core_fenced(id);
}

static void fence_suspects(void *argument) {
    (void)argument;
    for (;;) {
        while (agree_empty(&suspects)) {
            (void)fibre_wait(&suspicion, 0);
        }
        coreid_t id = (coreid_t)agree_lowest(&suspects);
        agree_remove(&suspects, id);
        if (core_get(id)->state != MONITOR_CORE_STOPPED) {
            fence_suspect(id, core_get(id));
        }
    }
}

/* The dead. Their memory is taken back by the home, one core at a time. */

/* Who is in no view, is not on its way into one, and has memory; AGREE_NOBODY: nobody. */
static unsigned next_dead(void) {
    for (coreid_t id = 0; is_home() && id < core_count(); id++) {
        bool away = !agree_has(&agreement()->live, id) && !agree_has(&starting, id);
        if (away && core_get(id)->state == MONITOR_CORE_STOPPED && ownership_bytes(id) != 0) {
            return id;
        }
    }
    return AGREE_NOBODY;
}

static err_t bury(coreid_t id) {
    struct core *core = core_get(id);
    core->why = agree_has(&ordered, id) ? ERR_OK : ERR_PEER_DEAD;
    log_line("core %u is gone: its %lu KiB are taken back", id, ownership_bytes(id) / 1024);
    TRY(by_force(id, core)); /* it may have been about to start when the last home died */
    return clear(id);
}

static void bury_dead(void *argument) {
    (void)argument;
    for (;;) {
        unsigned id = next_dead();
        if (id == AGREE_NOBODY) {
            (void)fibre_wait(&owners_changed, 0);
            continue;
        }
        begin();
        err_t err = next_dead() == id ? bury((coreid_t)id) : ERR_OK;
        end();
        if (err != ERR_OK) {
            fibre_sleep_until(time_deadline(peer_deadline_ms()));
        }
    }
}

void stopping_owners_changed(void) {
    (void)fibre_wake(&owners_changed);
}

void stopping_suspected(coreid_t id) {
    agree_add(&suspects, id);
    (void)fibre_wake(&suspicion);
}

err_t stopping_init(void) {
    TRY(fibre_spawn(fence_suspects, NULL, 0));
    return fibre_spawn(bury_dead, NULL, 0);
}

/* By the home; and the home by its heir. */
static bool may_stop(coreid_t from) {
    return from == home() || (is_home() && from == home_heir());
}

err_t stopping_serve_leave(const struct peer_message *request, uint64_t reply[PEER_PAYLOAD - 1]) {
    if (!may_stop(request->from)) {
        return ERR_CAP_RIGHTS;
    }
    reply[0] = domains_leave();
    return ERR_OK;
}

err_t stopping_serve_park(const struct peer_message *request, uint64_t reply[PEER_PAYLOAD - 1]) {
    (void)reply;
    if (!may_stop(request->from)) {
        return ERR_CAP_RIGHTS;
    }
    TRY(trace_set(false)); /* what is still in the rings would be lost */
    return kernel_park(CAP_KERNEL);
}

err_t stopping_serve_stop(const struct peer_message *request, uint64_t reply[PEER_PAYLOAD - 1]) {
    (void)reply;
    if (request->word[0] != request->from || request->from != home()) {
        return ERR_CAP_RIGHTS;
    }
    return stopping_stop(request->from);
}
