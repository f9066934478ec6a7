/* The table of what has been given.
   Life of an entry: it is taken before anything is waited for (`busy`), so that a domain that ends meanwhile finds it
   there and marks it; whoever is busy with a marked entry cleans it up when done. An interrupt's entry has a vector of this
   core from the start and the route to it from `on`; a level-triggered line stays in service, unacknowledged, from its
   driver's death until its line is masked, so that it cannot come again in between. */
#include "monitor/devices.h"

#include <abi/stubs.h>
#include <if/ioapic.h>
#include <if/pci.h>
#include <skerry/fibre.h>
#include <skerry/log.h>
#include <skerry/slots.h>
#include <skerry/time.h>

#include "monitor/domains.h"
#include "monitor/grants.h"
#include "monitor/hardware.h"
#include "monitor/machine.h"

#define GIVEN_MAX 64
#define LOCATION_BITS 16
#define LOCATION_MASK ((1ull << LOCATION_BITS) - 1)
#define RETURN_MS 200
#define RETURN_AGAIN_MS 2
#define AGAIN_MS 5000

enum given_kind { GIVEN_MEMORY, GIVEN_FUNCTION, GIVEN_ISA, GIVEN_INTX, GIVEN_MSI };

struct given {
    uint32_t domain; /* 0: this entry is free */
    enum given_kind kind;
    bool busy;       /* someone works on it */
    bool ended;      /* its domain has ended */
    bool on;         /* the interrupt is routed */
    capaddr_t cap;   /* ours; the domain has a copy */
    unsigned vector; /* 0: no interrupt */
    uint64_t which;  /* of an interrupt: as its domain named it */
    uint64_t place;  /* gsi, location of a PCI function, or one of its messages */
    uint64_t flags;  /* enum ioapic_flag */
};

_Static_assert(GIVEN_ISA + MONITOR_INTERRUPT_INTX == GIVEN_INTX && GIVEN_ISA + MONITOR_INTERRUPT_MSI == GIVEN_MSI,
               "in the order of the interface");

static struct given table[GIVEN_MAX];

static err_t entry_new(uint32_t domain, enum given_kind kind, struct given **entry) {
    for (unsigned i = 0; i < GIVEN_MAX; i++) {
        if (table[i].domain != 0) {
            continue;
        }
        table[i] = (struct given){.domain = domain, .kind = kind, .busy = true};
        *entry = &table[i];
        return ERR_OK;
    }
    return ERR_NO_MEMORY;
}

static bool is_line(const struct given *entry) {
    return entry->kind == GIVEN_ISA || entry->kind == GIVEN_INTX;
}

static err_t release_line(const struct given *entry) {
    struct hardware_call call = {HARDWARE_IOAPIC, IOAPIC_RELEASE, {entry->domain, entry->place}, {0}};
    return hardware_call(&call);
}

static err_t release_functions(const struct given *entry) {
    struct hardware_call call = {HARDWARE_PCI, PCI_RELEASE, {entry->domain}, {0}};
    return hardware_call(&call);
}

/* Revoking a foreign capability is refused: those of other cores' ports and device memory go with the domain's CNodes. */
static void cap_take_back(struct given *entry) {
    if (entry->cap == CAP_NULL) {
        return;
    }
    if (entry->vector != 0) {
        (void)irq_unbind(entry->cap);
    }
    (void)cap_revoke(entry->cap);
    if (entry->vector != 0) {
        (void)irq_ack(entry->cap);
    }
    slot_release(entry->cap);
}

static void clean(struct given *entry) {
    err_t err = ERR_OK;
    entry->busy = true;
    if (is_line(entry) && entry->on) {
        err = release_line(entry);
    } else if (entry->kind == GIVEN_FUNCTION) {
        err = release_functions(entry);
    }
    if (err != ERR_OK) {
        log_line("domain %u: a line or device that it had stays as it is, and its vector taken: %s",
                 DOMAIN_COUNT(entry->domain), err_name(err));
        return;
    }
    cap_take_back(entry);
    entry->domain = 0;
}

/* An owner that has just ended may still be giving it back. */
static err_t call_patiently(struct hardware_call *call) {
    uint64_t deadline = time_deadline(RETURN_MS);
    err_t err;
    while ((err = hardware_call(call)) == ERR_BUSY && time_now() < deadline) {
        fibre_sleep_until(time_deadline(RETURN_AGAIN_MS));
    }
    return err;
}

/* The work on an entry is over; with an error, or when its domain has ended meanwhile, so is the entry. */
static err_t entry_done(struct given *entry, err_t err) {
    entry->busy = false;
    if (entry->ended || err != ERR_OK) {
        clean(entry);
    }
    return err == ERR_OK && entry->ended ? ERR_PEER_DEAD : err;
}

static void clean_ended(uint32_t domain, bool functions) {
    for (unsigned i = 0; i < GIVEN_MAX; i++) {
        struct given *entry = &table[i];
        if (entry->domain == domain && entry->ended && !entry->busy && (entry->kind == GIVEN_FUNCTION) == functions) {
            clean(entry);
        }
    }
}

static void end_fibre(void *argument) {
    uint32_t domain = *(const uint32_t *)argument;
    clean_ended(domain, true); /* first, so that no message goes to a vector that is another's already */
    clean_ended(domain, false);
}

void devices_end(uint32_t domain) {
    bool any = false;
    for (unsigned i = 0; i < GIVEN_MAX; i++) {
        if (table[i].domain == domain) {
            table[i].ended = any = true;
        }
    }
    if (any && fibre_spawn(end_fibre, &domain, sizeof(domain)) != ERR_OK) {
        log_line("domain %u: its devices stay as they are: no fibre", DOMAIN_COUNT(domain));
    }
}

static err_t granted(uint32_t domain, struct grant *grant) {
    const struct domain *entry = domain_find(domain);
    if (entry == NULL || entry->end != MONITOR_END_RUNNING) {
        return ERR_PEER_DEAD;
    }
    return grant_find(entry->name, grant);
}

err_t device_ports(uint32_t domain, uint64_t first, uint64_t *count, capaddr_t *cap) {
    struct grant grant = {.kind = GRANT_PORTS, .first = first};
    struct given *entry;
    TRY(granted(domain, &grant));
    TRY(entry_new(domain, GIVEN_MEMORY, &entry));
    uint64_t deadline = time_deadline(RETURN_MS);
    err_t err;
    while ((err = machine_ports(grant.first, grant.second, &entry->cap)) == ERR_BUSY && time_now() < deadline) {
        fibre_sleep_until(time_deadline(RETURN_AGAIN_MS));
    }
    if (err == ERR_OK) {
        err = slot_copy(entry->cap, cap);
    }
    *count = grant.second;
    return entry_done(entry, err);
}

err_t device_claim(uint32_t domain, uint64_t ids, uint64_t *location) {
    struct grant grant = {.kind = GRANT_PCI, .first = ids >> 16, .second = ids & 0xffff};
    struct given *entry;
    TRY(granted(domain, &grant));
    TRY(entry_new(domain, GIVEN_FUNCTION, &entry));
    struct hardware_call call = {HARDWARE_PCI, PCI_CLAIM, {domain, ids}, {0}};
    err_t err = call_patiently(&call);
    if (err != ERR_OK) {
        entry->domain = 0; /* there is nothing to release */
        return err;
    }
    *location = entry->place = call.reply[0];
    return entry_done(entry, ERR_OK);
}

static bool has_function(uint32_t domain, uint64_t location) {
    for (unsigned i = 0; i < GIVEN_MAX; i++) {
        if (table[i].domain == domain && table[i].kind == GIVEN_FUNCTION && table[i].place == location) {
            return true;
        }
    }
    return false;
}

err_t device_bar(uint32_t domain, struct device_bar *bar, capaddr_t *cap) {
    struct hardware_call call = {HARDWARE_PCI, PCI_BAR, {bar->location, bar->bar}, {0}};
    struct given *entry;
    if (!has_function(domain, bar->location)) {
        return ERR_CAP_RIGHTS;
    }
    TRY(entry_new(domain, GIVEN_MEMORY, &entry));
    err_t err = hardware_call(&call);
    bar->base = call.reply[0];
    bar->size = call.reply[1];
    bar->flags = call.reply[2];
    if (err == ERR_OK) {
        err = (bar->flags & PCI_BAR_PORTS) != 0
                  ? machine_ports(bar->base, bar->size, &entry->cap)
                  : machine_device(bar->base, ALIGN_UP(bar->size, PAGE_SIZE), &entry->cap);
    }
    if (err == ERR_OK) {
        err = slot_copy(entry->cap, cap);
    }
    return entry_done(entry, err);
}

static bool vector_taken(unsigned vector) {
    for (unsigned i = 0; i < GIVEN_MAX; i++) {
        if (table[i].domain != 0 && table[i].vector == vector) {
            return true;
        }
    }
    return false;
}

/* A free vector of the class that the interrupt's kind needs. */
static err_t vector_take(struct given *entry) {
    bool is_level = (entry->flags & IOAPIC_LEVEL) != 0;
    unsigned first = is_level ? VECTOR_USER_FIRST : VECTOR_EDGE_FIRST;
    unsigned last = is_level ? VECTOR_LEVEL_LAST : VECTOR_WAKE - 1;
    for (unsigned vector = first; vector <= last; vector++) {
        if (vector_taken(vector)) {
            continue;
        }
        TRY(machine_range(CAP_IRQ, vector, 1, &entry->cap));
        entry->vector = vector;
        return ERR_OK;
    }
    return ERR_NO_MEMORY;
}

/* Where the interrupt arrives: fills `place` and `flags`. */
static err_t interrupt_describe(struct given *entry, uint64_t which) {
    struct hardware_call call = {.request = {which}};
    if (entry->kind == GIVEN_ISA) {
        call.which = HARDWARE_IOAPIC;
        call.operation = IOAPIC_DESCRIBE;
    } else if (entry->kind == GIVEN_INTX) {
        call = (struct hardware_call){HARDWARE_PCI, PCI_INTX, {entry->domain, which}, {0}};
    } else {
        entry->place = which;
        return ERR_OK;
    }
    TRY(hardware_call(&call));
    entry->place = call.reply[0];
    entry->flags = call.reply[1];
    return ERR_OK;
}

static err_t interrupt_allowed(uint32_t domain, uint64_t kind, uint64_t which) {
    struct grant grant = {.kind = GRANT_ISA, .first = which};
    if (kind > MONITOR_INTERRUPT_MSI) {
        return ERR_ARGUMENT;
    }
    if (kind == MONITOR_INTERRUPT_ISA) {
        return granted(domain, &grant);
    }
    uint64_t location = kind == MONITOR_INTERRUPT_MSI ? which & LOCATION_MASK : which;
    return has_function(domain, location) ? ERR_OK : ERR_CAP_RIGHTS;
}

err_t device_interrupt(uint32_t domain, const uint64_t request[2], uint64_t *vector, capaddr_t *cap) {
    struct given *entry;
    TRY(interrupt_allowed(domain, request[0], request[1]));
    TRY(entry_new(domain, GIVEN_ISA + (enum given_kind)request[0], &entry));
    entry->which = request[1];
    err_t err = interrupt_describe(entry, request[1]);
    if (err == ERR_OK) {
        err = vector_take(entry);
    }
    if (err == ERR_OK) {
        err = slot_copy(entry->cap, cap);
    }
    *vector = entry->vector;
    return entry_done(entry, err);
}

static err_t interrupt_route(const struct given *entry) {
    uint64_t apic = boot_data()->apic;
    struct hardware_call line = {
        HARDWARE_IOAPIC, IOAPIC_ROUTE, {entry->domain, entry->place, apic, entry->vector, entry->flags}, {0}};
    struct hardware_call message = {
        HARDWARE_PCI,
        PCI_MSI,
        {entry->domain, entry->place & LOCATION_MASK, apic, entry->vector, entry->place >> LOCATION_BITS},
        {0}};
    return call_patiently(is_line(entry) ? &line : &message);
}

err_t device_interrupt_on(uint32_t domain, uint64_t vector) {
    for (unsigned i = 0; i < GIVEN_MAX; i++) {
        struct given *entry = &table[i];
        if (entry->domain != domain || entry->vector != vector || vector == 0) {
            continue;
        }
        if (entry->busy || entry->on) {
            return ERR_BUSY;
        }
        entry->busy = true;
        err_t err = interrupt_route(entry);
        entry->on = err == ERR_OK || err == ERR_TIMEOUT; /* after a time-out nobody knows */
        return entry_done(entry, err);
    }
    return ERR_NOT_FOUND;
}

/* A new home */

static err_t tell_again(struct given *entry) {
    struct hardware_call reclaim = {HARDWARE_PCI, PCI_RECLAIM, {entry->domain, entry->place}, {0}};
    struct hardware_call raise = {HARDWARE_PCI, PCI_INTX, {entry->domain, entry->which}, {0}};
    if (entry->kind == GIVEN_FUNCTION) {
        return hardware_call(&reclaim);
    }
    TRY(entry->kind == GIVEN_INTX ? hardware_call(&raise) : ERR_OK);
    return entry->on ? interrupt_route(entry) : ERR_OK;
}

/* Its domains may be slow in coming up. */
static void tell_patiently(struct given *entry) {
    uint64_t deadline = time_deadline(AGAIN_MS);
    err_t err;
    entry->busy = true;
    while ((err = tell_again(entry)) != ERR_OK && time_now() < deadline) {
        fibre_sleep_until(time_deadline(RETURN_MS));
    }
    if (err != ERR_OK) {
        log_line("domain %u: a device that it had is quiet under the new home: %s", DOMAIN_COUNT(entry->domain),
                 err_name(err));
    }
    (void)entry_done(entry, ERR_OK);
}

void devices_again(void) {
    for (unsigned pass = 0; pass < 2; pass++) { /* functions first */
        for (unsigned i = 0; i < GIVEN_MAX; i++) {
            struct given *entry = &table[i];
            bool is_function = entry->kind == GIVEN_FUNCTION;
            if (entry->domain != 0 && !entry->busy && entry->kind != GIVEN_MEMORY && is_function == (pass == 0)) {
                tell_patiently(entry);
            }
        }
    }
}
