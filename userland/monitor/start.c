/* Core 0's monitor starts the others at boot. Starts are not waited for one by one: up to START_WINDOW cores come up at a
   time, each with a trampoline page. */
#include "monitor/start.h"

#include <skerry/log.h>

#include "monitor/images.h"
#include "monitor/joining.h"
#include "monitor/machine.h"
#include "monitor/starting.h"

static void not_started(coreid_t id, err_t err) {
    struct core *core = core_get(id);
    core->state = MONITOR_CORE_NOT_STARTED;
    core->why = err;
    if (err == ERR_FORMAT) {
        log_line("core %u: its image in the archive is damaged: left out", id);
    } else if (err == ERR_TIMEOUT) {
        log_line("core %u: started, but said no hello in time: left out", id);
    } else if (err != ERR_NOT_FOUND) {
        log_line("core %u: not started: %s (%s)", id, err_doc(err), err_name(err));
    }
}

static void collect(coreid_t id) {
    const struct core *core = core_get(id);
    if (core->state == MONITOR_CORE_UNKNOWN && !joining_wait(core, starting_deadline()) && core->why == ERR_OK) {
        not_started(id, ERR_TIMEOUT);
    }
}

static void say_if_left_out(const struct acpi_machine *machine) {
    uint32_t images = images_cores();
    if (machine->core_count > images) {
        log_line("this machine has %u cores, the archive images for %u: running with those", machine->core_count,
                 images);
    }
    if (machine->cores_left_out > 0) {
        log_line("%u cores have APIC ids past 254 and are left out", machine->cores_left_out);
    }
}

void start_all(const struct acpi_machine *machine) {
    struct ram_totals ram;
    ram_count(&ram);
    starting_init(machine->core_count, &ram);
    say_if_left_out(machine);
    for (coreid_t id = 1; id < machine->core_count; id++) {
        if (id > START_WINDOW) {
            collect(id - START_WINDOW); /* its trampoline page is needed */
        }
        core_get(id)->apic = machine->apic[id];
        err_t err = starting_core(id, NULL);
        if (err != ERR_OK) {
            not_started(id, err);
        }
    }
    for (coreid_t id = 1; id < machine->core_count; id++) {
        collect(id);
    }
}
