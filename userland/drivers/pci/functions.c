/* The walk goes depth first over a list of buses still to visit, not by recursion. [PCI 3.0, 6.1 to 6.2; 6.7] */
#include "drivers/pci/functions.h"

#include "drivers/pci/bars.h"
#include "drivers/pci/config.h"

#define FUNCTIONS_MAX 128
#define BUSES_MAX 256
#define NOTHING_THERE 0xffffffffu
#define CAPABILITY_MSI 0x05
#define CAPABILITY_EXPRESS 0x10
#define CAPABILITY_MSIX 0x11
#define CAPABILITIES_MAX 48

static struct function functions[FUNCTIONS_MAX];
static unsigned function_count;
static uint8_t buses[BUSES_MAX];
static unsigned bus_count;

static void capabilities_read(struct function *f) {
    if ((config_read(f->location, CONFIG_COMMAND) >> 16 & 0x10) == 0) {
        return;
    }
    uint32_t at = config_read(f->location, CONFIG_CAPABILITIES) & 0xfc;
    for (unsigned i = 0; at >= 0x40 && i < CAPABILITIES_MAX; i++) {
        uint32_t head = config_read(f->location, at);
        if ((head & 0xff) == CAPABILITY_MSI) {
            f->msi = at;
            f->capabilities |= PCI_HAS_MSI;
        } else if ((head & 0xff) == CAPABILITY_MSIX) {
            f->msix = at;
            f->capabilities |= PCI_HAS_MSIX;
        } else if ((head & 0xff) == CAPABILITY_EXPRESS) {
            f->capabilities |= PCI_HAS_EXPRESS;
        }
        at = head >> 8 & 0xfc;
    }
}

/* A bus number that the firmware has not given is 0, and bus 0 has been visited. */
static void bus_behind(uint32_t location) {
    uint8_t secondary = (uint8_t)(config_read(location, CONFIG_BUSES) >> 8);
    for (unsigned i = 0; i < bus_count; i++) {
        if (buses[i] == secondary) {
            return;
        }
    }
    if (bus_count < BUSES_MAX) {
        buses[bus_count++] = secondary;
    }
}

static void function_add(uint32_t location, uint32_t ids, uint32_t header) {
    if (function_count == FUNCTIONS_MAX) {
        return;
    }
    struct function *f = &functions[function_count++];
    f->location = location;
    f->ids = ids << 16 | ids >> 16;
    f->class_code = config_read(location, CONFIG_CLASS);
    f->is_bridge = (header & 0x7f) == 1;
    f->pin = MIN(config_read(location, CONFIG_INTERRUPT) >> 8 & 0xff, 4u);
    f->capabilities = f->is_bridge ? PCI_IS_BRIDGE : 0;
    capabilities_read(f);
    bars_read(f);
    if (f->is_bridge) {
        bus_behind(location);
    }
}

/* False: no such function. */
static bool function_look(uint32_t location, bool *has_more) {
    uint32_t ids = config_read(location, CONFIG_IDS);
    if (ids == NOTHING_THERE || (ids & 0xffff) == 0) {
        return false;
    }
    uint32_t header = config_read(location, CONFIG_HEADER) >> 16 & 0xff;
    *has_more = (header & 0x80) != 0;
    function_add(location, ids, header);
    return true;
}

static void device_look(uint8_t bus, uint32_t device) {
    bool has_more = false, ignored;
    if (!function_look(PCI_LOCATION(bus, device, 0), &has_more)) {
        return;
    }
    for (uint32_t number = 1; has_more && number < 8; number++) {
        (void)function_look(PCI_LOCATION(bus, device, number), &ignored);
    }
}

void functions_find(void) {
    buses[0] = 0;
    bus_count = 1;
    for (unsigned i = 0; i < bus_count; i++) {
        for (uint32_t device = 0; device < 32; device++) {
            device_look(buses[i], device);
        }
    }
}

struct function *function_get(uint64_t n) {
    return n < function_count ? &functions[n] : NULL;
}

struct function *function_at(uint64_t location) {
    for (unsigned i = 0; i < function_count; i++) {
        if (functions[i].location == location) {
            return &functions[i];
        }
    }
    return NULL;
}
