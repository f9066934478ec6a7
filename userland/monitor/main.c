/* A core's monitor: the first domain on its core, the only one with the kernel capability.
   The one of the core that booted starts the other cores and the first domains; the others' join their starter. Then each serves its core's
   domains by LRPC and the other monitors by URPC, for ever, blocked while there is nothing to do. */
#include <skerry/domain.h>
#include <skerry/fibre.h>
#include <skerry/log.h>

#include "monitor/acpi.h"
#include "monitor/advice.h"
#include "monitor/bulletins.h"
#include "monitor/cores.h"
#include "monitor/directory.h"
#include "monitor/domains.h"
#include "monitor/first_domains.h"
#include "monitor/gone.h"
#include "monitor/groups.h"
#include "monitor/home.h"
#include "monitor/joining.h"
#include "monitor/keys.h"
#include "monitor/leaks.h"
#include "monitor/machine.h"
#include "monitor/membership.h"
#include "monitor/memory.h"
#include "monitor/ownership.h"
#include "monitor/peers.h"
#include "monitor/practice.h"
#include "monitor/recall.h"
#include "monitor/services.h"
#include "monitor/shared_caps.h"
#include "monitor/shared_ends.h"
#include "monitor/spans.h"
#include "monitor/start.h"
#include "monitor/stopping.h"
#include "monitor/supervision.h"
#include "monitor/told.h"
#include "monitor/trace.h"

#define FIRST_EPOCH 1

static void must(const char *what, err_t err) {
    if (err != ERR_OK) {
        die("%s: %s (%s)", what, err_doc(err), err_name(err));
    }
}

/* The drivers stand before the other cores compete with them for the CPUs of an emulator: their deadlines are short. */
static void bring_up_machine(void) {
    static struct acpi_machine machine;
    acpi_read(&machine);
    cores_init(machine.core_count);
    core_own_build_id(core_get(0)->build_id);
    groups_know(machine.apic, machine.core_count);
    must("membership", membership_begin(core_count(), FIRST_EPOCH, true));
    ownership_found();
    first_drivers(&machine);
    first_drivers_wait();
    start_all(&machine);
    joining_settle();
    membership_open();
    must("advice", advice_begin());
    first_shell(false);
}

int main(int argc, char **argv) {
    (void)argc, (void)argv;
    log_open(CAP_IOPORT, (uint16_t)(PORT_LOG_BASE + this_core()), "monitor");
    machine_init();
    must("tracing", trace_init());
    bulletins_init();
    must("wake-ups", peers_init());
    services_init();
    recall_init();
    groups_init();
    practice_init();
    keys_init();
    must("supervision", supervision_init());
    shared_caps_init();
    directory_init();
    told_init();
    spans_init();
    must("spans", span_members_init());
    must("shared memory", shared_ends_init());
    must("the end of cores", gone_init());
    ownership_init();
    must("home", home_init());
    must("memory", memory_init());
    must("suspicion", stopping_init());
    must("watch", domains_watch());
    if (machine_booted_here()) {
        bring_up_machine();
    } else {
        must("joining", joining_join());
        must("advice", advice_begin());
        leaks_baseline(); /* at home the shell says when start-up is over */
    }
    event_loop();
}
