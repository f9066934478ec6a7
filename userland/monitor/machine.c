/* Boot-time capabilities: memory by address, and parts of the ranges of ports, vectors and cores. */
#include "monitor/machine.h"

#include <abi/stubs.h>
#include <skerry/held.h>
#include <skerry/log.h>
#include <skerry/ram.h>
#include <skerry/slots.h>
#include <skerry/string.h>
#include <skerry/vspace.h>

#include "monitor/ownership.h"

#define DEVICES_MAX 64

struct device {
    capaddr_t cap;
    paddr_t base;
    uint64_t size;
};

static struct device devices[DEVICES_MAX];
static unsigned device_count;

static bool in_pool(paddr_t base, uint64_t size) {
    const struct boot_data *boot = boot_data();
    uint32_t pools = MIN(boot->pool_count, (uint32_t)ARRAY_SIZE(boot->pools));
    for (uint32_t i = 0; i < pools; i++) {
        if (base >= boot->pools[i].base && base + size <= boot->pools[i].base + boot->pools[i].size) {
            return true;
        }
    }
    return false;
}

static unsigned ram_properties(paddr_t base, uint64_t size) {
    unsigned properties = 0;
    if (in_pool(base, size)) {
        properties |= RAM_POOL;
    }
    if (base + size <= LOW_MEMORY_TOP) {
        properties |= RAM_LOW;
    }
    if (base + size <= BOOTSTRAP_TOP) {
        properties |= RAM_BELOW4G;
    }
    return properties;
}

static void take_memory(capaddr_t cap, uint64_t type, paddr_t base, uint64_t size) {
    if (type == CAP_TYPE_RAM) {
        ram_add(cap, base, size, ram_properties(base, size));
    } else if (type == CAP_TYPE_DEVICE && device_count < DEVICES_MAX) {
        devices[device_count++] = (struct device){cap, base, size};
    }
}

bool machine_option(const char *word) {
    const char *line = boot_data()->cmdline;
    size_t length = strlen(word);
    for (const char *at = line; *at != '\0'; at++) {
        bool begins = at == line || at[-1] == ' ';
        if (begins && strncmp(at, word, length) == 0 && (at[length] == ' ' || at[length] == '\0')) {
            return true;
        }
    }
    return false;
}

void machine_init(void) {
    for (capaddr_t i = 0; i < 1u << CNODE_SLOTS_BITS; i++) {
        capaddr_t cap = (ROOT_SLOT_MEMORY << CNODE_SLOTS_BITS) + i;
        uint64_t meta, base, size;
        if (kernel_identify(CAP_KERNEL, cap, &meta, &base, &size, NULL) != ERR_OK) {
            break;
        }
        take_memory(cap, meta & 0xff, base, size);
    }
}

void machine_add_ram(capaddr_t cap, paddr_t base, uint64_t size) {
    ram_add(cap, base, size, ram_properties(base, size));
}

err_t machine_grow_pool(uint64_t bytes) {
    struct ram_request request = {.size = ALIGN_UP(bytes, CHUNK_SIZE), .align = CHUNK_SIZE, .without = RAM_POOL};
    struct ram_block block;
    capaddr_t cap;
    TRY(ram_alloc(&request, &block));
    err_t err = ram_retype(&block, CAP_TYPE_RAM, &cap);
    if (err == ERR_RETYPE_RANGE && kernel_pool_add(CAP_KERNEL, block.cap) == ERR_OK) {
        ram_promote(&block, RAM_POOL);
        return ERR_OK;
    }
    if (err == ERR_OK) {
        err = kernel_pool_add(CAP_KERNEL, cap);
        if (err != ERR_OK) {
            slot_release(cap);
        }
    }
    if (err != ERR_OK) {
        ram_free(&block);
        return err;
    }
    ram_lose(&block); /* as part of the old capability; it comes back as one of its own */
    held_for_good(1, 0);
    ram_add(cap, block.base, block.size, ram_properties(block.base, block.size) | RAM_POOL);
    return ERR_OK;
}

static const struct device *device_find(paddr_t base, uint64_t size) {
    for (unsigned i = 0; i < device_count; i++) {
        const struct device *device = &devices[i];
        if (base >= device->base && base - device->base < device->size &&
            size <= device->size - (base - device->base)) {
            return device;
        }
    }
    return NULL;
}

bool machine_device_found(unsigned n, paddr_t *base, uint64_t *size) {
    if (n >= device_count) {
        return false;
    }
    *base = devices[n].base;
    *size = devices[n].size;
    return true;
}

bool machine_booted_here(void) {
    return boot_data()->starter == this_core();
}

err_t machine_forge(const struct foreign *what, capaddr_t *cap) {
    uint64_t meta = what->type | (uint64_t)what->rights << 8 | (uint64_t)what->owner << 16;
    TRY(slot_alloc(cap));
    err_t err = kernel_forge(CAP_KERNEL, meta, what->base, what->size, 0, slot_word(*cap));
    if (err != ERR_OK) {
        slot_free(*cap);
        *cap = CAP_NULL;
    }
    return err;
}

/* A capability for what the core that booted had from the start, also when it is dead: somebody else's. */
static err_t forge(unsigned type, uint64_t base, uint64_t size, capaddr_t *cap) {
    struct foreign what = {
        .type = type,
        .rights = RIGHT_READ | RIGHT_WRITE | RIGHT_GRANT,
        .owner = this_core() == 0 ? 1 : 0,
        .base = base,
        .size = size,
    };
    return machine_forge(&what, cap);
}

/* What covers the pages, and where in that they are. */
static err_t device_cover(paddr_t first, uint64_t bytes, capaddr_t *cap, uint64_t *offset) {
    const struct device *device = device_find(first, bytes);
    struct ram_range whole;
    if (device != NULL) {
        *cap = device->cap;
        *offset = first - device->base;
        return ERR_OK;
    }
    *offset = 0;
    return ownership_device(first, bytes, &whole) ? forge(CAP_TYPE_DEVICE, first, bytes, cap) : ERR_NOT_FOUND;
}

err_t machine_map(paddr_t base, uint64_t size, const void **at) {
    if (size == 0 || size > CHUNK_SIZE) {
        return ERR_ARGUMENT;
    }
    paddr_t first = ALIGN_DOWN(base, PAGE_SIZE);
    uint64_t bytes = ALIGN_UP(base + size, PAGE_SIZE) - first;
    struct vspace_request request = {.size = bytes, .flags = MAP_READ};
    void *mapped;
    TRY(device_cover(first, bytes, &request.cap, &request.offset));
    TRY(vspace_map(&request, &mapped, NULL));
    *at = (const char *)mapped + (base - first);
    return ERR_OK;
}

err_t machine_device(paddr_t base, uint64_t size, capaddr_t *cap) {
    if (!machine_booted_here()) {
        return forge(CAP_TYPE_DEVICE, base, size, cap);
    }
    const struct device *device = device_find(base, size);
    if (device == NULL) {
        return ERR_NOT_FOUND;
    }
    capaddr_t slot;
    TRY(slot_alloc(&slot));
    err_t err = cap_retype(device->cap, CAP_TYPE_DEVICE, base - device->base, size, 1, slot_word(slot));
    if (err != ERR_OK) {
        slot_free(slot);
        return err == ERR_RETYPE_BUSY ? ERR_BUSY : err;
    }
    *cap = slot;
    return ERR_OK;
}

err_t machine_device_whole(paddr_t base, capaddr_t *cap) {
    const struct device *device = device_find(base, PAGE_SIZE);
    struct ram_range whole;
    if (device == NULL && ownership_device(base, PAGE_SIZE, &whole)) {
        return forge(CAP_TYPE_DEVICE, whole.base, whole.size, cap);
    }
    if (device == NULL) {
        return ERR_NOT_FOUND;
    }
    return slot_copy(device->cap, cap);
}

err_t machine_ports(uint64_t first, uint64_t count, capaddr_t *cap) {
    if (!machine_booted_here()) {
        return forge(CAP_TYPE_IOPORT, first, count, cap);
    }
    err_t err = machine_range(CAP_IOPORT, first, count, cap);
    return err == ERR_RETYPE_BUSY ? ERR_BUSY : err;
}

err_t machine_range(capaddr_t from, uint64_t first, uint64_t count, capaddr_t *cap) {
    uint64_t meta, base;
    TRY(kernel_identify(CAP_KERNEL, from, &meta, &base, NULL, NULL));
    if (first < base) {
        return ERR_NOT_FOUND;
    }
    capaddr_t slot;
    TRY(slot_alloc(&slot));
    err_t err = cap_retype(from, meta & 0xff, first - base, count, 1, slot_word(slot));
    if (err != ERR_OK) {
        slot_free(slot);
    } else {
        *cap = slot;
    }
    return err;
}

err_t machine_exit(uint64_t code) {
    capaddr_t port = CAP_IOPORT;
    TRY(machine_booted_here() ? ERR_OK : machine_ports(PORT_EXIT, 1, &port));
    TRY(ioport_out(port, PORT_EXIT, 1, code));
    return ERR_UNSUPPORTED;
}
