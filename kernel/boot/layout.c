/*
 * Lays a core out in its image region. See layout.h for the order and for what is mapped.
 */
#include "boot/layout.h"

#include "boot/freestanding.h"
#include "boot/park.h"
#include "x86_64/pte.h"

/* Top, low and region's level 3 and 2, window's level 3, 2 and 1. */
enum { TABLE_TOP, TABLE_LOW_3, TABLE_LOW_2, TABLE_REGION_2, TABLE_WINDOW_3, TABLE_WINDOW_2, TABLE_WINDOW_1, TABLES };

/* The region while it is filled from the bottom up. */
struct region {
    uint8_t *memory;
    paddr_t base;
    uint64_t used;
};

struct entry_tables {
    paddr_t base;
    uint64_t *table[TABLES];
};

/* Whole pages; that all of it fits has been checked. */
static uint64_t region_take(struct region *r, uint64_t size) {
    uint64_t offset = r->used;
    r->used += size;
    return offset;
}

/* So that a sum of sizes cannot overflow, and is too large when one of them is. */
static uint64_t at_most_region(uint64_t size) {
    return size < IMAGE_REGION_SIZE ? size : IMAGE_REGION_SIZE;
}

uint64_t layout_measure(const struct elf *image, const struct elf *monitor) {
    uint64_t size = sizeof(struct boot_data) + TABLES * PAGE_SIZE;
    size += at_most_region(elf_segment_end(&image->segments[image->count - 1]) - KERNEL_WINDOW);
    for (unsigned i = 0; i < monitor->count; i++) {
        const struct elf_segment *s = &monitor->segments[i];
        size += at_most_region(elf_segment_end(s) - elf_segment_base(s));
    }
    return size;
}

static bool pool_ok(const struct layout_input *in, const struct boot_pool *pool) {
    bool aligned = pool->size != 0 && (pool->base | pool->size) % CHUNK_SIZE == 0;
    bool apart = pool->base + pool->size <= in->base || in->base + IMAGE_REGION_SIZE <= pool->base;
    bool parked_outside = in->park < pool->base || pool->base + pool->size <= in->park;
    return aligned && pool->base + pool->size > pool->base && apart && parked_outside;
}

static bool chunk_of(paddr_t chunk, paddr_t address) {
    return address - chunk < CHUNK_SIZE;
}

static err_t check_input(const struct layout_input *in) {
    const struct boot_data *limits = NULL;
    if (in->base % IMAGE_REGION_SIZE != 0 || in->base == 0 || in->base >= BOOTSTRAP_TOP || in->pool_count == 0) {
        return ERR_ARGUMENT;
    }
    if (!park_place_ok(in->park) || chunk_of(in->base, in->park)) {
        return ERR_ARGUMENT;
    }
    if (in->pool_count > sizeof(limits->pools) / sizeof(limits->pools[0]) ||
        in->region_count > sizeof(limits->regions) / sizeof(limits->regions[0])) {
        return ERR_NO_MEMORY;
    }
    for (unsigned i = 0; i < in->pool_count; i++) {
        if (!pool_ok(in, &in->pools[i])) {
            return ERR_ARGUMENT;
        }
    }
    if (!elf_within(in->image, KERNEL_WINDOW, KERNEL_WINDOW + IMAGE_REGION_SIZE) ||
        !elf_within(in->monitor, PAGE_SIZE, USER_DYNAMIC_BASE)) {
        return ERR_FORMAT;
    }
    return layout_measure(in->image, in->monitor) <= IMAGE_REGION_SIZE ? ERR_OK : ERR_NO_MEMORY;
}

/* The image lies at the region's start, each segment where the window has it; what is between them is cleared. */
static void place_image(const struct elf *image, struct region *r) {
    uint64_t filled = 0;
    for (unsigned i = 0; i < image->count; i++) {
        const struct elf_segment *s = &image->segments[i];
        uint64_t start = elf_segment_base(s) - KERNEL_WINDOW;
        memset(r->memory + filled, 0, start - filled);
        elf_segment_copy(s, r->memory + start);
        filled = elf_segment_end(s) - KERNEL_WINDOW;
    }
    region_take(r, filled);
}

static void place_monitor(const struct elf *monitor, struct region *r, struct boot_data *boot) {
    for (unsigned i = 0; i < monitor->count; i++) {
        const struct elf_segment *s = &monitor->segments[i];
        vaddr_t vaddr = elf_segment_base(s);
        uint64_t size = elf_segment_end(s) - vaddr;
        uint64_t offset = region_take(r, size);
        elf_segment_copy(s, r->memory + offset);
        boot->segments[i] =
            (struct boot_segment){.vaddr = vaddr, .paddr = r->base + offset, .size = size, .flags = s->flags};
    }
    boot->segment_count = monitor->count;
    boot->monitor_entry = monitor->entry;
}

/* Entry `index` of a table leads to another one. */
static void link_table(struct entry_tables *t, unsigned from, unsigned index, unsigned to) {
    t->table[from][index] = (t->base + to * PAGE_SIZE) | PTE_PRESENT | PTE_WRITE;
}

static void map_identity(struct entry_tables *t, paddr_t region) {
    unsigned table = region >> 30 == 0 ? TABLE_LOW_2 : TABLE_REGION_2;
    link_table(t, TABLE_TOP, 0, TABLE_LOW_3);
    link_table(t, TABLE_LOW_3, 0, TABLE_LOW_2);
    link_table(t, TABLE_LOW_3, pte_index(region, 3), table);
    t->table[TABLE_LOW_2][0] = PTE_PRESENT | PTE_LARGE;
    t->table[table][pte_index(region, 2)] = region | PTE_PRESENT | PTE_LARGE | PTE_WRITE | PTE_NO_EXECUTE;
}

/* By the lowest of the park block's own tables that fits in: its GiB may be one that is mapped already. */
static void map_park(struct entry_tables *t, paddr_t region, paddr_t park) {
    unsigned gib = pte_index(park, 3);
    if (gib == 0 || gib == pte_index(region, 3)) {
        unsigned table = gib == 0 ? TABLE_LOW_2 : TABLE_REGION_2;
        t->table[table][pte_index(park, 2)] = (park + PARK_LEVEL_1) | PTE_PRESENT | PTE_WRITE;
    } else {
        t->table[TABLE_LOW_3][gib] = (park + PARK_LEVEL_2) | PTE_PRESENT | PTE_WRITE;
    }
}

static void map_window(struct entry_tables *t, const struct elf *image, paddr_t region) {
    link_table(t, TABLE_TOP, pte_index(KERNEL_WINDOW, 4), TABLE_WINDOW_3);
    link_table(t, TABLE_WINDOW_3, pte_index(KERNEL_WINDOW, 3), TABLE_WINDOW_2);
    link_table(t, TABLE_WINDOW_2, pte_index(KERNEL_WINDOW, 2), TABLE_WINDOW_1);
    for (unsigned i = 0; i < image->count; i++) {
        const struct elf_segment *s = &image->segments[i];
        uint64_t rights = PTE_PRESENT | (s->flags & SEGMENT_FLAG_WRITE ? PTE_WRITE : 0) |
                          (s->flags & SEGMENT_FLAG_EXECUTE ? 0 : PTE_NO_EXECUTE);
        for (vaddr_t page = elf_segment_base(s); page < elf_segment_end(s); page += PAGE_SIZE) {
            t->table[TABLE_WINDOW_1][pte_index(page, 1)] = (region + (page - KERNEL_WINDOW)) | rights;
        }
    }
}

static paddr_t place_tables(const struct layout_input *in, struct region *r) {
    uint64_t offset = region_take(r, TABLES * PAGE_SIZE);
    struct entry_tables t = {.base = r->base + offset};
    memset(r->memory + offset, 0, TABLES * PAGE_SIZE);
    for (unsigned i = 0; i < TABLES; i++) {
        t.table[i] = (uint64_t *)(void *)(r->memory + offset + i * PAGE_SIZE);
    }
    map_identity(&t, in->base);
    map_park(&t, in->base, in->park);
    map_window(&t, in->image, in->base);
    return t.base;
}

/* What the boot data page takes over from the caller as it is. */
static void copy_input(const struct layout_input *in, struct boot_data *boot) {
    boot->core = in->core;
    boot->apic = in->apic;
    boot->starter = in->starter;
    boot->flags = in->flags;
    boot->starts = in->starts;
    boot->tsc_khz = in->tsc_khz;
    boot->apic_khz = in->apic_khz;
    boot->start_tsc = in->start_tsc;
    boot->archive_base = in->archive_base;
    boot->archive_size = in->archive_size;
    boot->rsdp = in->rsdp;
    boot->park = in->park;
    boot->park_table = in->park + PARK_LEVEL_1;
    boot->channel_base = in->channel_base;
    boot->channel_size = in->channel_size;
    boot->pool_count = in->pool_count;
    memcpy(boot->pools, in->pools, in->pool_count * sizeof(*in->pools));
    boot->region_count = in->region_count;
    if (in->region_count > 0) {
        memcpy(boot->regions, in->regions, in->region_count * sizeof(*in->regions));
    }
}

static err_t copy_cmdline(const char *cmdline, struct boot_data *boot) {
    for (unsigned i = 0; i < sizeof(boot->cmdline); i++) {
        boot->cmdline[i] = cmdline[i];
        if (cmdline[i] == '\0') {
            return ERR_OK;
        }
    }
    return ERR_NO_MEMORY;
}

static err_t place_boot_data(const struct layout_input *in, struct region *r, struct boot_data **out) {
    uint64_t offset = region_take(r, sizeof(struct boot_data));
    struct boot_data *boot = (struct boot_data *)(void *)(r->memory + offset);
    memset(boot, 0, sizeof(*boot));
    boot->magic = BOOT_MAGIC;
    boot->contract = CONTRACT_HASH;
    boot->image_base = in->base;
    boot->image_size = offset;
    boot->self = in->base + offset;
    copy_input(in, boot);
    TRY(copy_cmdline(in->cmdline, boot));
    *out = boot;
    return ERR_OK;
}

err_t layout_core(const struct layout_input *in, struct layout_output *out) {
    TRY(check_input(in));
    struct region region = {.memory = in->region, .base = in->base};
    struct boot_data *boot;
    place_image(in->image, &region);
    TRY(place_boot_data(in, &region, &boot));
    paddr_t cr3 = place_tables(in, &region);
    place_monitor(in->monitor, &region, boot);
    boot->free_base = region.base + region.used;
    boot->free_size = IMAGE_REGION_SIZE - region.used;
    *out = (struct layout_output){.cr3 = cr3, .entry = in->image->entry, .boot_data = boot->self};
    return ERR_OK;
}
