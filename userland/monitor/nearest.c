/* Whom this monitor takes to be there. */
#include "monitor/nearest.h"

#include <skerry/heap.h>

#include "monitor/cores.h"
#include "monitor/machine.h"
#include "monitor/neighbours.h"

static bool can_be_asked(coreid_t id) {
    enum monitor_core_state state = core_get(id)->state;
    return id != this_core() && (state == MONITOR_CORE_ANSWERING || state == MONITOR_CORE_UNKNOWN);
}

static struct neighbour neighbour_of(coreid_t id) {
    uint32_t apic = core_get(id)->apic;
    return (struct neighbour){id, apic == NO_APIC ? id : apic};
}

static unsigned neighbours(struct neighbour others[MAX_CORES]) {
    struct neighbour self = neighbour_of(this_core());
    unsigned count = 0;
    for (coreid_t id = 0; id < core_count(); id++) {
        if (can_be_asked(id)) {
            others[count++] = neighbour_of(id);
        }
    }
    neighbours_sort(&self, others, count);
    return count;
}

err_t neighbours_try(err_t (*attempt)(coreid_t id, void *argument), void *argument) {
    struct neighbour *others = calloc(MAX_CORES, sizeof(*others));
    if (others == NULL) {
        return ERR_NO_MEMORY;
    }
    unsigned count = neighbours(others);
    err_t err = ERR_NOT_FOUND;
    for (unsigned i = 0; i < count && err != ERR_OK; i++) {
        err = attempt(others[i].id, argument);
    }
    free(others);
    return err;
}
