/* Core 0's monitor starts the others. For each: memory of its own (an image region, a pool), its image and monitor laid
   out in it, a channel in a frame of ours, a trampoline page; then the memory is given away and INIT and SIPI are sent.
   Starts are not waited for one by one: up to START_WINDOW cores come up at a time, each with a trampoline page. */
#include "monitor/start.h"

#include <abi/stubs.h>
#include <boot/layout.h>
#include <boot/trampoline.h>
#include <skerry/log.h>
#include <skerry/print.h>
#include <skerry/ram.h>
#include <skerry/slots.h>
#include <skerry/string.h>
#include <skerry/time.h>
#include <skerry/vspace.h>

#include "monitor/images.h"
#include "monitor/joining.h"
#include "monitor/machine.h"

#define START_WINDOW 32
#define HELLO_DEADLINE_MS 1000
#define HELLO_DEADLINE_EMULATED_MS 10000
#define POOL_SMALL CHUNK_SIZE
#define POOL_LARGE (2 * CHUNK_SIZE)
#define RAM_FOR_LARGE_POOL (16ul << 20) /* RAM a core from which on it gets the large pool */

/* A RAM capability of its own that will be the other core's. */
struct gift {
    struct ram_block block;
    capaddr_t cap;
};

struct start {
    coreid_t id;
    struct core *core;
    struct elf image;
    struct gift region;
    struct gift pool;
    void *channel; /* mapped for good, ours */
    paddr_t channel_base;
    struct layout_output entry;
};

static struct elf monitor_image;
static uint64_t pool_size;
static capaddr_t trampoline_cap[START_WINDOW];
static void *trampoline_page[START_WINDOW];

static err_t gift_take(struct gift *gift, uint64_t size) {
    struct ram_request request = {.size = size, .align = CHUNK_SIZE, .properties = RAM_BELOW4G};
    TRY(ram_alloc(&request, &gift->block));
    err_t err = ram_retype(&gift->block, CAP_TYPE_RAM, &gift->cap);
    if (err != ERR_OK) {
        ram_free(&gift->block);
    }
    return err;
}

static void gift_return(struct gift *gift) {
    slot_release(gift->cap);
    ram_free(&gift->block);
}

/* The capability stays where it is, owned by that core: the memory can be taken back when the core has ended. */
static err_t gift_give(struct gift *gift, coreid_t core) {
    TRY(kernel_give(CAP_KERNEL, gift->cap, core));
    ram_lose(&gift->block);
    return ERR_OK;
}

/* The trampoline page of a place in the window; made once. */
static err_t trampoline_need(unsigned place) {
    if (trampoline_cap[place] != CAP_NULL) {
        return ERR_OK;
    }
    struct ram_request request = {.size = PAGE_SIZE, .properties = RAM_LOW};
    struct ram_block block;
    TRY(ram_alloc(&request, &block));
    TRY(ram_retype(&block, CAP_TYPE_FRAME, &trampoline_cap[place]));
    struct vspace_request map = {trampoline_cap[place], 0, PAGE_SIZE, MAP_READ | MAP_WRITE};
    return vspace_map(&map, &trampoline_page[place], NULL);
}

static err_t channel_make(struct start *start) {
    uint32_t apic[2] = {boot_data()->apic, start->core->apic};
    capaddr_t frame;
    TRY(ram_make(CAP_TYPE_FRAME, LINK_SIZE, &frame, NULL));
    TRY(frame_identify(frame, &start->channel_base, NULL));
    struct vspace_request request = {frame, 0, LINK_SIZE, MAP_READ | MAP_WRITE};
    TRY(vspace_map(&request, &start->channel, NULL));
    urpc_format(start->channel, LINK_SIZE, apic);
    return link_open(start->id, start->channel, LINK_SIZE, 0, &start->core->link);
}

static err_t layout_in(struct start *start, void *region) {
    const struct boot_data *own = boot_data();
    struct boot_pool pool = {.base = start->pool.block.base, .size = start->pool.block.size};
    struct layout_input input = {
        .region = region,
        .base = start->region.block.base,
        .image = &start->image,
        .monitor = &monitor_image,
        .core = start->id,
        .apic = start->core->apic,
        .starter = this_core(),
        .flags = own->flags,
        .tsc_khz = own->tsc_khz,
        .apic_khz = own->apic_khz,
        .start_tsc = own->start_tsc,
        .archive_base = own->archive_base,
        .archive_size = own->archive_size,
        .cmdline = own->cmdline,
        .rsdp = own->rsdp,
        .channel_base = start->channel_base,
        .channel_size = LINK_SIZE,
        .pools = &pool,
        .pool_count = 1,
    };
    return layout_core(&input, &start->entry);
}

/* Through a mapping that is gone afterwards. */
static err_t region_fill(struct start *start) {
    uint64_t size = layout_measure(&start->image, &monitor_image);
    if (size == 0 || size > IMAGE_REGION_SIZE) {
        return ERR_NO_MEMORY;
    }
    capaddr_t frame;
    TRY(slot_alloc(&frame));
    err_t err = cap_retype(start->region.cap, CAP_TYPE_FRAME, 0, size, 1, slot_word(frame));
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

static err_t prepare(struct start *start) {
    TRY(gift_take(&start->region, IMAGE_REGION_SIZE));
    err_t err = gift_take(&start->pool, pool_size);
    if (err == ERR_OK) {
        err = channel_make(start);
        if (err == ERR_OK) {
            err = region_fill(start);
        }
        if (err != ERR_OK) {
            gift_return(&start->pool);
        }
    }
    if (err != ERR_OK) {
        gift_return(&start->region);
    }
    return err;
}

static err_t start_core(struct start *start, unsigned place) {
    capaddr_t core;
    char path[16];
    snprintf(path, sizeof(path), "core/%u", start->id);
    TRY(images_open(path, &start->image));
    TRY(core_capability(start->core, 0, &core));
    TRY(trampoline_need(place));
    TRY(prepare(start));
    trampoline_write(trampoline_page[place], &start->entry);
    TRY(gift_give(&start->region, start->id));
    TRY(gift_give(&start->pool, start->id));
    return core_start(core, trampoline_cap[place]);
}

static void not_started(coreid_t id, err_t err) {
    struct core *core = core_get(id);
    core->state = MONITOR_CORE_NOT_STARTED;
    core->why = err;
    if (err == ERR_FORMAT) {
        log_line("core %u: its image in the archive is damaged: left out", id);
    } else if (err == ERR_TIMEOUT) {
        log_line("core %u: started, but said no hello in time: left out", id);
    } else if (err != ERR_NOT_FOUND) {
        log_line("core %u: not started: %s (%s)", id, err_doc(err), err_name(err));
    }
}

static void collect(coreid_t id) {
    uint64_t ms = is_emulated() ? HELLO_DEADLINE_EMULATED_MS : HELLO_DEADLINE_MS;
    const struct core *core = core_get(id);
    if (core->state == MONITOR_CORE_UNKNOWN && !joining_wait(core, time_deadline(ms)) && core->why == ERR_OK) {
        not_started(id, ERR_TIMEOUT);
    }
}

static void try_start(coreid_t id, uint32_t apic) {
    struct start start = {.id = id, .core = core_get(id)};
    start.core->apic = apic;
    err_t err = start_core(&start, id % START_WINDOW);
    if (err != ERR_OK) {
        not_started(id, err);
    }
}

static void say_if_left_out(const struct acpi_machine *machine) {
    uint32_t images = images_cores();
    if (machine->core_count > images) {
        log_line("this machine has %u cores, the archive images for %u: running with those", machine->core_count,
                 images);
    }
    if (machine->cores_left_out > 0) {
        log_line("%u cores have APIC ids past 254 and are left out", machine->cores_left_out);
    }
}

void start_all(const struct acpi_machine *machine) {
    struct ram_totals ram;
    ram_count(&ram);
    pool_size = ram.total / machine->core_count >= RAM_FOR_LARGE_POOL ? POOL_LARGE : POOL_SMALL;
    say_if_left_out(machine);
    err_t err = images_open("bin/monitor", &monitor_image);
    for (coreid_t id = 1; id < machine->core_count; id++) {
        if (id > START_WINDOW) {
            collect(id - START_WINDOW); /* its trampoline page is needed */
        }
        if (err == ERR_OK) {
            try_start(id, machine->apic[id]);
        } else {
            not_started(id, err);
        }
    }
    for (coreid_t id = 1; id < machine->core_count; id++) {
        collect(id);
    }
}
