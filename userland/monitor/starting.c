/* Memory of the core's own (an image region, a pool), its image and monitor laid out in it, a channel in a frame of ours, a
   park block; then the memory is given away. A core that is parked finds the way by a letter there and an NMI; one that has
   never run, by a trampoline page, INIT and SIPI. */
#include "monitor/starting.h"

#include <abi/stubs.h>
#include <boot/layout.h>
#include <boot/park.h>
#include <boot/trampoline.h>
#include <skerry/print.h>
#include <skerry/ram.h>
#include <skerry/slots.h>
#include <skerry/time.h>
#include <skerry/vspace.h>

#include "monitor/gifts.h"
#include "monitor/images.h"
#include "monitor/leaks.h"
#include "monitor/links.h"
#include "monitor/machine.h"
#include "monitor/ownership.h"

#define POOL_SMALL CHUNK_SIZE
#define POOL_LARGE (2 * CHUNK_SIZE)
#define RAM_FOR_LARGE_POOL (16ul << 20) /* RAM a core from which on it gets the large pool */
#define HELLO_DEADLINE_MS 1000
#define HELLO_DEADLINE_EMULATED_MS 10000

struct start {
    coreid_t id;
    struct core *core;
    struct elf image, monitor;
    struct gift *region;
    struct gift *pool;
    struct link_memory channel;
    paddr_t channel_base;
    struct ram_range share; /* further RAM, size 0: none */
    struct layout_output entry;
};

static uint64_t pool_size, share_chunks;
static capaddr_t trampoline_cap[START_WINDOW];
static void *trampoline_page[START_WINDOW];

/* Half of the RAM is shared out at once; the rest is for those that turn out to need more. */
void starting_init(uint64_t cores, const struct ram_totals *ram) {
    pool_size = ram->total / cores >= RAM_FOR_LARGE_POOL ? POOL_LARGE : POOL_SMALL;
    uint64_t each = ram->free / cores / 2;
    share_chunks = each > IMAGE_REGION_SIZE + pool_size ? (each - IMAGE_REGION_SIZE - pool_size) / CHUNK_SIZE : 0;
}

uint64_t starting_deadline(void) {
    return time_deadline(is_emulated() ? HELLO_DEADLINE_EMULATED_MS : HELLO_DEADLINE_MS);
}

/* The first one is written down, for homes to come. */
static err_t trampoline_make(capaddr_t *cap) {
    struct ram_request request = {.size = PAGE_SIZE, .properties = RAM_LOW};
    struct ram_block block;
    TRY(ram_alloc(&request, &block));
    TRY(ram_retype(&block, CAP_TYPE_FRAME, cap));
    return ownership_trampoline() == 0 ? ownership_set_trampoline(block.base) : ERR_OK;
}

/* Only the core that booted has memory that low: there is one page left of it that all may use, one at a time. */
static err_t trampoline_find(capaddr_t *cap) {
    struct foreign what = {
        .type = CAP_TYPE_FRAME,
        .rights = RIGHT_READ | RIGHT_WRITE,
        .owner = this_core() == 0 ? 1 : 0,
        .base = ownership_trampoline(),
        .size = PAGE_SIZE,
    };
    return what.base != 0 ? machine_forge(&what, cap) : ERR_NO_MEMORY;
}

/* The trampoline page of a core in the window; made once. */
static err_t trampoline_need(coreid_t id, unsigned *place) {
    *place = machine_booted_here() ? id % START_WINDOW : 0;
    if (trampoline_page[*place] != NULL) {
        return ERR_OK;
    }
    capaddr_t *cap = &trampoline_cap[*place];
    TRY(machine_booted_here() ? trampoline_make(cap) : trampoline_find(cap));
    struct vspace_request map = {*cap, 0, PAGE_SIZE, MAP_READ | MAP_WRITE};
    return vspace_map(&map, &trampoline_page[*place], NULL);
}

static err_t channel_make(struct start *start) {
    uint32_t apic[2] = {boot_data()->apic, start->core->apic};
    TRY(link_memory_make(&start->channel));
    err_t err = frame_identify(start->channel.frame, &start->channel_base, NULL);
    if (err == ERR_OK) {
        urpc_format(start->channel.mapping.base, LINK_SIZE, apic);
        err = link_open(start->id, &start->channel, 0, &start->core->link);
    }
    if (err != ERR_OK) {
        link_memory_end(&start->channel);
    }
    return err;
}

static err_t layout_in(struct start *start, void *region) {
    const struct boot_data *own = boot_data();
    struct boot_pool pool = {.base = start->pool->block.base, .size = start->pool->block.size};
    struct boot_region share = {.base = start->share.base, .size = start->share.size, .type = REGION_TYPE_RAM};
    struct layout_input input = {
        .region = region,
        .base = start->region->block.base,
        .image = &start->image,
        .monitor = &start->monitor,
        .core = start->id,
        .apic = start->core->apic,
        .starter = this_core(),
        .flags = own->flags,
        .starts = ownership_core(start->id).starts,
        .tsc_khz = own->tsc_khz,
        .apic_khz = own->apic_khz,
        .start_tsc = own->start_tsc,
        .archive_base = own->archive_base,
        .archive_size = own->archive_size,
        .cmdline = own->cmdline,
        .rsdp = own->rsdp,
        .park = start->core->park.base,
        .channel_base = start->channel_base,
        .channel_size = LINK_SIZE,
        .pools = &pool,
        .pool_count = 1,
        .regions = &share,
        .region_count = start->share.size != 0,
    };
    return layout_core(&input, &start->entry);
}

/* Through a mapping that is gone afterwards. */
static err_t region_fill(struct start *start) {
    uint64_t size = layout_measure(&start->image, &start->monitor);
    if (size == 0 || size > IMAGE_REGION_SIZE) {
        return ERR_NO_MEMORY;
    }
    capaddr_t frame;
    TRY(slot_alloc(&frame));
    err_t err = cap_retype(start->region->cap, CAP_TYPE_FRAME, 0, size, 1, slot_word(frame));
    if (err != ERR_OK) {
        slot_free(frame);
        return err;
    }
    struct vspace_request request = {frame, 0, size, MAP_READ | MAP_WRITE};
    struct vspace_mapping mapping;
    void *region;
    err = vspace_map(&request, &region, &mapping);
    if (err == ERR_OK) {
        err = layout_in(start, region);
        err_t unmapped = vspace_unmap(&mapping);
        err = err == ERR_OK ? unmapped : err;
    }
    slot_release(frame);
    return err;
}

/* In one run, as large as there is. */
static void give_share(struct start *start) {
    for (uint64_t chunks = share_chunks; chunks > 0; chunks /= 2) {
        if (gifts_give_run(start->id, chunks * CHUNK_SIZE, &start->share) == ERR_OK) {
            return;
        }
    }
}

static err_t prepare(struct start *start) {
    TRY(gift_take(IMAGE_REGION_SIZE, &start->region));
    err_t err = gift_take(pool_size, &start->pool);
    if (err == ERR_OK) {
        err = channel_make(start);
        if (err == ERR_OK) {
            give_share(start);
            err = region_fill(start);
            if (err != ERR_OK) {
                if (start->share.size != 0) {
                    gifts_take_back_run(&start->share);
                }
                link_close(start->core->link);
                start->core->link = NULL;
            }
        }
        if (err != ERR_OK) {
            gift_return(start->pool);
        }
    }
    if (err != ERR_OK) {
        gift_return(start->region);
    }
    return err;
}

static err_t open_images(struct start *start, const char *image_class) {
    char path[32];
    if (image_class != NULL) {
        snprintf(path, sizeof(path), "core/%u.%s", start->id, image_class);
    } else {
        snprintf(path, sizeof(path), "core/%u", start->id);
    }
    TRY(images_open(path, &start->image));
    return images_open("bin/monitor", &start->monitor);
}

/* INIT and SIPI. */
static err_t send_from_reset(const struct start *start, capaddr_t core) {
    unsigned place;
    TRY(trampoline_need(start->id, &place));
    trampoline_write(trampoline_page[place], &start->entry);
    return core_start(core, trampoline_cap[place]);
}

err_t starting_reset(struct core *core, coreid_t id) {
    capaddr_t cap;
    unsigned place;
    struct layout_output entry = park_entry(core->park.base);
    TRY(core_capability(core, 0, &cap));
    struct held before = leaks_made_from();
    TRY(trampoline_need(id, &place));
    leaks_made_for_good(&before);
    trampoline_write(trampoline_page[place], &entry);
    return core_start(cap, trampoline_cap[place]);
}

static err_t send(struct start *start, capaddr_t core) {
    if (!park_is_there(&start->core->park)) {
        return send_from_reset(start, core);
    }
    park_post(&start->core->park, &start->entry);
    return core_nmi(core);
}

err_t starting_core(coreid_t id, const char *image_class) {
    struct start start = {.id = id, .core = core_get(id)};
    capaddr_t core;
    TRY(open_images(&start, image_class));
    TRY(core_capability(start.core, 0, &core));
    TRY(park_need(id, &start.core->park));
    TRY(prepare(&start));
    struct core_record record = {start.core->park.base, ownership_core(id).starts + 1, start.core->apic};
    TRY(ownership_set_core(id, &record));
    start.core->greeted = false;
    start.core->state = MONITOR_CORE_UNKNOWN;
    start.core->why = ERR_OK;
    TRY(gift_give(start.region, id));
    TRY(gift_give(start.pool, id));
    return send(&start, core);
}
