/* The PCI domain: owns configuration space. Finds all functions at the start, gives addresses where the firmware gave none,
   and makes every function quiet that nobody drives: no bus mastering, no interrupts (bridges keep forwarding). Then it
   claims and releases functions for the domains that this core's monitor names; looking is free. */
#include <if/ioapic.h>
#include <if/monitor.h>
#include <if/pci_server.h>
#include <skerry/domain.h>
#include <skerry/fibre.h>

#include "drivers/pci/bars.h"
#include "drivers/pci/config.h"
#include "drivers/pci/functions.h"
#include "drivers/pci/interrupts.h"

static void quiet(const struct function *f) {
    interrupts_off(f);
    if (!f->is_bridge) {
        config_command(f->location, 0, COMMAND_MASTER);
    }
}

/* This core's monitor; the others go through it. */
static err_t obeyed(const struct service_call *call) {
    uint64_t monitor = MONITOR_BADGE(DOMAIN_CORE(domain_args()->domain));
    return call->client->domain == monitor ? ERR_OK : ERR_CAP_RIGHTS;
}

err_t pci_serve_function(struct service_call *call, uint64_t n, uint32_t *location, uint32_t *ids, uint32_t *class_code,
                         uint64_t *capabilities, uint64_t *owner) {
    const struct function *f = function_get(n);
    (void)call;
    if (f == NULL) {
        return ERR_NOT_FOUND;
    }
    *location = (uint32_t)f->location;
    *ids = (uint32_t)f->ids;
    *class_code = (uint32_t)f->class_code;
    *capabilities = f->capabilities;
    *owner = f->owner;
    return ERR_OK;
}

err_t pci_serve_bar(struct service_call *call, uint64_t location, uint64_t bar, uint64_t *base, uint64_t *size,
                    uint64_t *flags) {
    const struct function *f = function_at(location);
    (void)call;
    if (f == NULL || bar >= PCI_BARS || f->bars[bar].size == 0) {
        return ERR_NOT_FOUND;
    }
    *base = f->bars[bar].base;
    *size = f->bars[bar].size;
    *flags = f->bars[bar].flags;
    return ERR_OK;
}

static void take(struct function *f, uint64_t owner) {
    f->owner = owner;
    config_command(f->location, COMMAND_PORTS | COMMAND_MEMORY | COMMAND_MASTER, 0);
}

err_t pci_serve_claim(struct service_call *call, uint64_t owner, uint32_t ids, uint32_t *location) {
    struct function *f;
    err_t err = ERR_NOT_FOUND;
    TRY(obeyed(call));
    for (uint64_t n = 0; (f = function_get(n)) != NULL; n++) {
        if (f->ids != ids || f->is_bridge) {
            continue;
        }
        err = ERR_BUSY;
        if (f->owner == 0) {
            take(f, owner);
            *location = (uint32_t)f->location;
            return ERR_OK;
        }
    }
    return err;
}

err_t pci_serve_reclaim(struct service_call *call, uint64_t owner, uint64_t location) {
    struct function *f = function_at(location);
    TRY(obeyed(call));
    if (f == NULL || f->is_bridge || owner == 0) {
        return ERR_NOT_FOUND;
    }
    if (f->owner != 0 && f->owner != owner) {
        return ERR_BUSY;
    }
    take(f, owner);
    return ERR_OK;
}

static err_t owned(uint64_t owner, uint64_t location, struct function **f) {
    *f = function_at(location);
    if (*f == NULL) {
        return ERR_NOT_FOUND;
    }
    return owner != 0 && (*f)->owner == owner ? ERR_OK : ERR_CAP_RIGHTS;
}

err_t pci_serve_intx(struct service_call *call, uint64_t owner, uint64_t location, uint64_t *gsi, uint32_t *flags) {
    struct function *f;
    TRY(obeyed(call));
    TRY(owned(owner, location, &f));
    TRY(interrupt_line(f, gsi));
    *flags = IOAPIC_LEVEL | IOAPIC_ACTIVE_LOW;
    interrupt_line_on(f);
    return ERR_OK;
}

err_t pci_serve_msi(struct service_call *call, uint64_t owner, uint64_t location, uint32_t apic, uint8_t vector,
                    uint32_t message) {
    struct function *f;
    TRY(obeyed(call));
    TRY(owned(owner, location, &f));
    if (apic >= MAX_CORES || vector < VECTOR_EDGE_FIRST || vector > VECTOR_USER_LAST) {
        return ERR_ARGUMENT;
    }
    struct message to = {message, apic, vector};
    return interrupt_message_on(f, &to);
}

err_t pci_serve_release(struct service_call *call, uint64_t owner) {
    struct function *f;
    TRY(obeyed(call));
    for (uint64_t n = 0; (f = function_get(n)) != NULL; n++) {
        if (f->owner == owner && owner != 0) {
            quiet(f);
            f->owner = 0;
        }
    }
    return ERR_OK;
}

static struct service service = {.interface = &pci_service};

int main(int argc, char **argv) {
    const struct function *f;
    (void)argc, (void)argv;
    functions_find();
    bars_assign();
    for (uint64_t n = 0; (f = function_get(n)) != NULL; n++) {
        quiet(f);
    }
    err_t err = service_export(&service);
    if (err != ERR_OK) {
        die("%s", err_doc(err));
    }
    event_loop();
}
