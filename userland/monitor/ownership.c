/* The glue between land.h and the monitor. What others have given to this core is taken in a fibre, in the order of the record. */
#include "monitor/ownership.h"

#include <skerry/fibre.h>
#include <skerry/land.h>
#include <skerry/log.h>
#include <skerry/time.h>

#include "monitor/agreement.h"
#include "monitor/cores.h"
#include "monitor/machine.h"
#include "monitor/memory.h"
#include "monitor/stopping.h"

#define PATIENCE 5 /* times a peer's deadline, for a place in the window */

_Static_assert(OWNER_COMMON == LAND_COMMON && OWNER_KEPT == LAND_KEPT, "the same words");

static struct land land;

static struct ram_range range_of(const struct land_run *run) {
    return (struct ram_range){run->first * CHUNK_SIZE, run->count * CHUNK_SIZE};
}

static struct land_run run_of(const struct ram_range *range, unsigned owner) {
    return (struct land_run){.first = range->base / CHUNK_SIZE, .count = range->size / CHUNK_SIZE, .owner = owner};
}

static err_t prepare(void *context, const struct agree_work *work, uint64_t *holder) {
    (void)context, (void)work, (void)holder;
    return ERR_UNSUPPORTED; /* it has one phase */
}

/* From another core, which has given it up before. */
static void arrived(struct land *record, const struct land_run *run) {
    struct ram_range range = range_of(run);
    (void)record;
    memory_arrived(&range);
}

static err_t finish(void *context, const struct agree_work *work, enum agree_end end) {
    uint64_t lost = land.lost;
    (void)context;
    land_finish(&land, work, end);
    if (land.lost != lost) {
        log_line("the record of who owns which memory has no room: some of it is nobody's");
    }
    stopping_owners_changed();
    return ERR_OK;
}

static void note(void *context, unsigned from, const uint64_t op[AGREE_WORDS]) {
    (void)context;
    land_note(&land, from, op);
    stopping_owners_changed();
}

/* The whole record is much to send: in a crowd one core after the other gets its copy. */
static void begin_in_turn(void *argument) {
    const struct agree_set nobody = {};
    (void)argument;
    fibre_sleep_until(time_deadline(crowd_turn_ms()));
    land_viewed(&land, &nobody, &nobody);
}

static void viewed(void *context, const struct agree_set *dead, const struct agree_set *joined) {
    static bool waits;
    (void)context;
    if (land.copy.began || crowd_turn_ms() == 0) {
        land_viewed(&land, dead, joined);
    } else if (!waits) {
        waits = fibre_spawn(begin_in_turn, NULL, 0) == ERR_OK;
    }
}

static const struct agree_client client = {
    .prepare = prepare,
    .finish = finish,
    .done = agreement_done,
    .note = note,
    .view = viewed,
};

void ownership_init(void) {
    agreement_register(AGREEMENT_LAND, &client);
}

static void found_ram(paddr_t base, uint64_t size) {
    paddr_t first = ALIGN_UP(base, CHUNK_SIZE), end = ALIGN_DOWN(base + size, CHUNK_SIZE);
    if (first < end) {
        struct ram_range range = {first, end - first};
        struct land_run run = run_of(&range, this_core());
        land_set(&land, &run);
    }
}

/* What this core was born with. */
static void found_own(void) {
    const struct boot_data *boot = boot_data();
    found_ram(boot->image_base, IMAGE_REGION_SIZE);
    for (uint32_t i = 0; i < MIN(boot->pool_count, (uint32_t)ARRAY_SIZE(boot->pools)); i++) {
        found_ram(boot->pools[i].base, boot->pools[i].size);
    }
    for (uint32_t i = 0; i < MIN(boot->region_count, (uint32_t)ARRAY_SIZE(boot->regions)); i++) {
        if (boot->regions[i].type == REGION_TYPE_RAM) {
            found_ram(boot->regions[i].base, boot->regions[i].size);
        }
    }
}

void ownership_begin(void) {
    land_init(&land, agreement(), AGREEMENT_LAND);
    land.arrived = arrived;
    found_own();
}

void ownership_found(void) {
    const struct boot_data *boot = boot_data();
    land.core[this_core()] = (struct land_core){.park = boot->park, .starts = 1, .apic = boot->apic};
    struct ram_range device;
    for (unsigned n = 0; machine_device_found(n, &device.base, &device.size); n++) {
        land_add_device(&land, device.base, device.size);
    }
}

static err_t change(enum land_change what, const uint64_t word[3]) {
    struct agree_request request;
    land_request(&land, what, word, &request);
    request.deadline = time_deadline(PATIENCE * peer_deadline_ms());
    return agreement_do(&request);
}

err_t ownership_give(const struct ram_range *range, unsigned owner) {
    struct land_run run = run_of(range, owner);
    return change(LAND_RAM, (uint64_t[]){run.first, run.count, run.owner});
}

bool ownership_is_known(void) {
    return land.copy.ready;
}

err_t ownership_set_core(coreid_t core, const struct core_record *record) {
    return change(LAND_CORE, (uint64_t[]){core, record->park, record->starts | (uint64_t)record->apic << 32});
}

struct core_record ownership_core(coreid_t core) {
    const struct land_core *known = &land.core[core];
    return (struct core_record){known->park, known->starts, known->apic};
}

err_t ownership_set_trampoline(paddr_t page) {
    return change(LAND_TRAMPOLINE, (uint64_t[3]){page});
}

paddr_t ownership_trampoline(void) {
    return land.trampoline;
}

bool ownership_next(unsigned owner, paddr_t from, struct ram_range *range) {
    struct land_run run;
    if (!land_next(&land, owner, ALIGN_UP(from, CHUNK_SIZE) / CHUNK_SIZE, &run)) {
        return false;
    }
    *range = range_of(&run);
    return true;
}

uint64_t ownership_bytes(unsigned owner) {
    return land_count(&land, owner) * CHUNK_SIZE;
}

bool ownership_run(uint64_t *at, struct owned_run *run) {
    if (*at == land.runs) {
        return false;
    }
    struct land_run whole = land.run[*at];
    while (++*at < land.runs && land.run[*at].owner == whole.owner &&
           land.run[*at].first == whole.first + whole.count) {
        whole.count += land.run[*at].count;
    }
    *run = (struct owned_run){range_of(&whole), (unsigned)whole.owner};
    return true;
}

static struct land_run erred; /* as it was; count 0: none */

/* With the stamp that it has, so that the next change of the chunk ends it, too. */
err_t ownership_err(bool err) {
    if (err == (erred.count != 0)) {
        return err ? ERR_BUSY : ERR_NOT_FOUND;
    }
    if (!err) {
        land_set(&land, &erred);
        erred.count = 0;
        return ERR_OK;
    }
    for (uint64_t i = land.runs; i > 0; i--) {
        const struct land_run *run = &land.run[i - 1];
        if (run->owner == this_core()) {
            erred = (struct land_run){run->first + run->count - 1, 1, run->owner, run->stamp};
            struct land_run wrong = erred;
            wrong.owner = this_core() == 0 ? 1 : 0;
            land_set(&land, &wrong);
            return ERR_OK;
        }
    }
    return ERR_NOT_FOUND;
}

bool ownership_device(paddr_t base, uint64_t size, struct ram_range *whole) {
    for (uint64_t i = 0; i < land.devices; i++) {
        const struct land_device *device = &land.device[i];
        if (base >= device->base && base - device->base < device->size &&
            size <= device->size - (base - device->base)) {
            *whole = (struct ram_range){device->base, device->size};
            return true;
        }
    }
    return false;
}
