/* A list of interrupt lines and of domains with PCI functions. */
#include "monitor/owned.h"

#include <if/ioapic.h>
#include <if/pci.h>
#include <skerry/heap.h>
#include <skerry/log.h>

#include "monitor/leaks.h"

struct owned {
    struct owned *next;
    coreid_t core;
    enum hardware which;
    uint64_t owner;
    uint64_t line; /* of the interrupt controller */
};

static struct owned *list;

static uint64_t line_of(const struct hardware_call *call) {
    return call->which == HARDWARE_IOAPIC ? call->request[1] : 0;
}

static struct owned **place_of(const struct hardware_call *call) {
    struct owned **at = &list;
    while (*at != NULL &&
           ((*at)->which != call->which || (*at)->owner != call->request[0] || (*at)->line != line_of(call))) {
        at = &(*at)->next;
    }
    return at;
}

static void take_out(struct owned **at) {
    struct owned *owned = *at;
    *at = owned->next;
    free(owned);
    leaks_keep(0, -1);
}

static void put_in(coreid_t core, const struct hardware_call *call) {
    struct owned *owned = malloc(sizeof(*owned));
    if (owned == NULL) {
        log_line("core %u's hardware is not noted: no memory", core);
        return;
    }
    *owned = (struct owned){list, core, call->which, call->request[0], line_of(call)};
    list = owned;
    leaks_keep(0, 1);
}

void owned_note(coreid_t core, const struct hardware_call *call) {
    bool ioapic = call->which == HARDWARE_IOAPIC;
    struct owned **at = place_of(call);
    bool takes =
        ioapic ? call->operation == IOAPIC_ROUTE : call->operation == PCI_CLAIM || call->operation == PCI_RECLAIM;
    if (*at == NULL && takes) {
        put_in(core, call);
    } else if (*at != NULL && call->operation == (ioapic ? IOAPIC_RELEASE : PCI_RELEASE)) {
        take_out(at);
    }
}

void owned_core_gone(coreid_t core) {
    struct owned *owned;
    do {
        owned = list;
        while (owned != NULL && owned->core != core) {
            owned = owned->next;
        }
        if (owned != NULL) {
            uint16_t release = owned->which == HARDWARE_IOAPIC ? IOAPIC_RELEASE : PCI_RELEASE;
            struct hardware_call call = {owned->which, release, {owned->owner, owned->line}, {0}};
            err_t err = hardware_call(&call);
            if (err != ERR_OK) {
                log_line("hardware of core %u, which is stopped, is not released: %s", core, err_name(err));
            }
            if (*place_of(&call) != NULL) {
                take_out(place_of(&call));
            }
        }
    } while (owned != NULL);
}
