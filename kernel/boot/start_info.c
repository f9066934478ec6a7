/*
 * Reads the PVH start info. [Xen: xen/include/public/arch-x86/hvm/start_info.h]
 *
 * The magic in memory decides whether it is one: the registers' contents at entry differ between firmwares. All of memory
 * below 4 GiB is identity mapped; an address above that cannot be read and is refused.
 */
#include "boot/start_info.h"

#include "boot/report.h"

#define START_INFO_MAGIC 0x336ec578

/* Packed: where firmware puts them is its affair. */
struct [[gnu::packed]] start_info {
    uint32_t magic, version, flags, module_count;
    uint64_t modules, cmdline, rsdp;
    uint64_t memmap; /* from version 1 on */
    uint32_t memmap_count, reserved;
};

struct [[gnu::packed]] module {
    uint64_t base, size, cmdline, reserved;
};

struct [[gnu::packed]] memmap_entry {
    uint64_t base, size;
    uint32_t type, reserved;
};

/* E820 types. Unknown ones are nobody's. */
enum { E820_RAM = 1, E820_RESERVED = 2, E820_ACPI = 3, E820_NVS = 4, E820_UNUSABLE = 5 };

static bool readable(uint64_t address, uint64_t size) {
    return address != 0 && address < BOOTSTRAP_TOP && size <= BOOTSTRAP_TOP - address;
}

static uint32_t region_type(uint32_t e820) {
    switch (e820) {
    case E820_RAM:
        return REGION_TYPE_RAM;
    case E820_ACPI:
    case E820_NVS:
        return REGION_TYPE_ACPI;
    case E820_RESERVED:
    case E820_UNUSABLE:
        return REGION_TYPE_RESERVED;
    default:
        return MEMMAP_NONE;
    }
}

/* Claims all entries that are RAM, or all that are not. */
static void claim_entries(const struct start_info *info, bool ram, struct memmap *map) {
    const struct memmap_entry *entries = (const void *)info->memmap;
    for (uint32_t i = 0; i < info->memmap_count; i++) {
        const struct memmap_entry *e = &entries[i];
        struct memmap_range range = {e->base, e->size <= ~0ULL - e->base ? e->base + e->size : ~0ULL};
        uint32_t type = region_type(e->type);
        if (e->size == 0 || (type == REGION_TYPE_RAM) != ram) {
            continue;
        }
        if (memmap_set(map, range, type) != ERR_OK) {
            report_fail(GUEST_EXIT_NO_MEMORY, "memory map: it has more than %u regions; use another machine model",
                        MEMMAP_REGIONS);
        }
    }
}

static void read_memmap(const struct start_info *info, struct memmap *map) {
    map->count = 0;
    uint64_t size = info->memmap_count * sizeof(struct memmap_entry);
    if (info->version < 1 || info->memmap_count == 0 || !readable(info->memmap, size)) {
        report_fail(GUEST_EXIT_NO_MEMORY, "memory map: the start info has none; use QEMU 4.0 or later");
    }
    /* Where entries overlap, memory that somebody else claims is not RAM. */
    claim_entries(info, true, map);
    claim_entries(info, false, map);
}

static void read_modules(const struct start_info *info, struct memmap_range *archive) {
    *archive = (struct memmap_range){0, 0};
    if (info->module_count == 0) {
        return;
    }
    if (info->module_count > 1 || !readable(info->modules, sizeof(struct module))) {
        report_fail(GUEST_EXIT_BAD_ARCHIVE, "archive: %u modules were given; give QEMU one -initrd",
                    info->module_count);
    }
    const struct module *module = (const void *)info->modules;
    if (!readable(module->base, module->size)) {
        report_fail(GUEST_EXIT_BAD_ARCHIVE, "archive: 0x%lx + 0x%lx is not below 4 GiB; use a smaller archive",
                    module->base, module->size);
    }
    *archive = (struct memmap_range){module->base, module->base + module->size};
}

static void read_cmdline(const struct start_info *info, char *out, size_t size) {
    out[0] = '\0';
    const char *from = (const char *)info->cmdline;
    for (size_t i = 0; readable(info->cmdline, size); i++) {
        if (i == size) {
            report_fail(GUEST_EXIT_NO_MEMORY, "command line: it is longer than %lu bytes; give --run less to do",
                        size - 1);
        }
        out[i] = from[i];
        if (from[i] == '\0') {
            break;
        }
    }
}

void start_info_read(uint32_t address, struct machine *out) {
    const struct start_info *info = (const void *)(uintptr_t)address;
    if (address == 0 || info->magic != START_INFO_MAGIC) {
        report_fail(GUEST_EXIT_BAD_ARCHIVE, "start info: there is none; start this file with QEMU's -kernel");
    }
    read_memmap(info, &out->memory);
    read_modules(info, &out->archive);
    read_cmdline(info, out->cmdline, sizeof(out->cmdline));
    out->rsdp = info->rsdp;
}
