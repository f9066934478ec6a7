/* What a new home does, in the order in which others wait for it: the devices' domains and the console, one line for whoever
   sits there, the shell. The dead home's memory is taken back meanwhile (stopping.h). */
#include "monitor/home.h"

#include <skerry/fibre.h>
#include <skerry/log.h>
#include <skerry/time.h>

#include "monitor/acpi.h"
#include "monitor/advice.h"
#include "monitor/agreement.h"
#include "monitor/console.h"
#include "monitor/cores.h"
#include "monitor/devices.h"
#include "monitor/first_domains.h"
#include "monitor/groups.h"
#include "monitor/introduce.h"
#include "monitor/leaks.h"
#include "monitor/links.h"
#include "monitor/machine.h"
#include "monitor/ownership.h"
#include "monitor/starting.h"
#include "monitor/stopping.h"
#include "monitor/supervision.h"

#define AGAIN_MS 20
#define SETTLED_LOOK_MS 1
#define PATIENCE 4 /* times a peer's deadline: to miss a home, to probe it, to fence it, to start anew */

static coreid_t place;
static coreid_t before; /* whose place it was */
static bool settling;   /* a new home's services are not there yet */
static struct fibre_queue moved, settled, newer_heir;

coreid_t home(void) {
    return place;
}

bool is_home(void) {
    return place == this_core();
}

unsigned home_heir(void) {
    struct agree_set others = agreement()->live;
    agree_remove(&others, place);
    return agree_lowest(&others);
}

/* The table of cores is what this monitor has heard of; a home must be able to start and stop them all. */
static void know_cores(const struct acpi_machine *machine) {
    for (coreid_t id = 0; id < core_count(); id++) {
        struct core *core = core_get(id);
        core->apic = machine->apic[id];
        if (!agree_has(&agreement()->live, id)) {
            core->state = ownership_core(id).park != 0 ? MONITOR_CORE_STOPPED : MONITOR_CORE_NOT_STARTED;
        }
    }
    groups_know(machine->apic, machine->core_count);
    struct ram_totals ram = {0};
    for (unsigned id = 0; id < core_count(); id++) {
        ram.total += ownership_bytes(id);
    }
    ram.free = ram.total;
    starting_init(machine->core_count, &ram);
}

static void settle(void) {
    static struct acpi_machine machine;
    acpi_read(&machine);
    know_cores(&machine);
    stopping_owners_changed();
    first_drivers(&machine);
    first_drivers_wait();
    settling = false;
    fibre_wake_all(&settled);
    console_line("core %u is gone: the console, the devices and the shell go on on core %u", before, this_core());
    devices_again();
    first_shell(true);
    advice_look();
    supervision_look();
    leaks_baseline_when_quiet();
}

/* Other monitors' devices are set up anew by whoever has them: the new home's domains begin with all of them quiet. */
static void move(void *argument) {
    (void)argument;
    for (coreid_t seen = place;;) {
        while (place == seen) {
            (void)fibre_wait(&moved, 0);
        }
        seen = place; /* it may move on while we are at it */
        if (is_home()) {
            settle();
        } else {
            devices_again();
        }
    }
}

/* The heir has a link to everybody before it needs one. */
static bool lacks_heir(unsigned heir) {
    return heir != AGREE_NOBODY && heir != this_core() && !link_works(core_get((coreid_t)heir)->link);
}

/* In a crowd one after the other: each asks the same two. */
static void wait_turn(void) {
    if (crowd_turn_ms() != 0) {
        fibre_sleep_until(time_deadline(crowd_turn_ms()));
    }
}

static void meet_heir(void *argument) {
    (void)argument;
    while (home_heir() == AGREE_NOBODY) {
        (void)fibre_wait(&newer_heir, 0);
    }
    wait_turn();
    for (;;) {
        unsigned heir = home_heir();
        if (!lacks_heir(heir)) {
            (void)fibre_wait(&newer_heir, 0);
        } else if (introduce((coreid_t)heir) != ERR_OK) {
            fibre_sleep_until(time_deadline(AGAIN_MS));
        }
    }
}

err_t home_serve_settled(const struct peer_message *request, uint64_t reply[PEER_PAYLOAD - 1]) {
    uint64_t deadline = time_deadline(peer_deadline_ms() / 2);
    (void)request, (void)reply;
    while (lacks_heir(home_heir()) || !ownership_is_known()) {
        if (time_now() >= deadline) {
            return ERR_NOT_READY;
        }
        fibre_sleep_until(time_deadline(SETTLED_LOOK_MS));
    }
    return ERR_OK;
}

void home_await_all(void) {
    struct agree_set others = agreement()->live;
    agree_remove(&others, this_core());
    AGREE_FOR_EACH(core, &others) {
        struct peer_call call = {.to = (coreid_t)core, .operation = PEER_SETTLED};
        err_t err = peer_call(&call);
        if (err != ERR_OK) {
            log_line("core %u could not go on without its home yet: %s", core, err_name(err));
        }
    }
}

void home_viewed(const struct agree_set *live) {
    if (!agree_has(live, place)) {
        before = place;
        place = (coreid_t)agree_lowest(live);
        settling = is_home();
        log_line("core %u is the machine's home now", place);
        (void)fibre_wake(&moved);
        fibre_wake_all(&settled);
    }
    (void)fibre_wake(&newer_heir);
}

bool home_is_settled(void) {
    return !settling;
}

bool home_await_services(void) {
    uint64_t deadline = time_deadline(peer_deadline_ms() / 2);
    while (settling) {
        if (!fibre_wait(&settled, deadline)) {
            return false;
        }
    }
    return true;
}

bool home_other_than(coreid_t tried) {
    uint64_t deadline = time_deadline(PATIENCE * peer_deadline_ms());
    while (place == tried) {
        if (tried == this_core() || !fibre_wait(&settled, deadline)) {
            return false;
        }
    }
    return true;
}

err_t home_init(void) {
    place = boot_data()->starter;
    TRY(fibre_spawn(move, NULL, 0));
    return fibre_spawn(meet_heir, NULL, 0);
}
