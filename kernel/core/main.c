/*
 * A CPU driver's life: the table of contents.
 */
#include "core/bootstrap.h"
#include "core/interrupt.h"
#include "core/log.h"
#include "core/mem.h"
#include "core/panic.h"
#include "core/plan.h"
#include "core/schedule.h"
#include "core/stack_guard.h"
#include "ipc/lrpc.h"
#include "x86_64/apic.h"
#include "x86_64/clock.h"
#include "x86_64/cpu.h"
#include "x86_64/entry.h"
#include "x86_64/paging.h"
#include "x86_64/park.h"

/* Our copy of the boot data page. */
static struct boot_data boot;

static void boot_check(void) {
    if (boot.magic != BOOT_MAGIC) {
        panic("boot data page at 0x%lx has no magic", boot.self);
    }
    if (boot.contract != CONTRACT_HASH) {
        panic("boot data of contract 0x%lx, this image was built for 0x%lx; build again", boot.contract, CONTRACT_HASH);
    }
    if (boot.core != core_plan.core) {
        panic("image of core %u was started as core %u", core_plan.core, boot.core);
    }
}

static void places_init(void) {
    struct paging_places places = {
        .image = boot.image_base, .apic = apic_base(), .park = boot.park, .park_table = boot.park_table};
    park_init(boot.park);
    paging_init(&places);
}

static void pool_init(void) {
    for (unsigned i = 0; i < boot.pool_count; i++) {
        if (mem_pool_add(boot.pools[i].base, boot.pools[i].size) != ERR_OK) {
            panic("pool 0x%lx + 0x%lx cannot be mapped", boot.pools[i].base, boot.pools[i].size);
        }
    }
}

/* The monitor reads frequencies and time 0 from the page too. */
static void time_init(void) {
    uint64_t start = clock_now();
    clock_init(boot.tsc_khz, boot.apic_khz);
    if (boot.tsc_khz == 0) {
        boot.start_tsc = start;
        boot.tsc_khz = clock_tsc_khz();
        boot.apic_khz = clock_apic_khz();
        struct boot_data *page = mem_window(boot.self);
        page->start_tsc = boot.start_tsc;
        page->tsc_khz = boot.tsc_khz;
        page->apic_khz = boot.apic_khz;
    }
    log_init(boot.start_tsc, boot.tsc_khz);
}

static void greet(void) {
    char build[41];
    plan_build_id_text(build);
    log_line("cpu: core %u up, apic %u, build %s, class %s, pool 0x%lx + %lu KiB", boot.core, apic_id(), build,
             core_plan.class_name, boot.pools[0].base, mem_pool_size() / 1024);
}

void core_main(paddr_t boot_data) {
    stack_guard_init();
    memcpy(&boot, (const void *)boot_data, sizeof boot); /* still identity mapped */
    cpu_init();
    boot_check();
    places_init();
    descriptors_init();
    apic_init();
    interrupt_drain();
    time_init();
    pool_init();
    greet();
    schedule_init(boot.flags & BOOT_FLAG_EMULATED);
    lrpc_init(boot.core, core_plan.fast_lrpc && cpu_features.fsgsbase);
    bootstrap_monitor(&boot);
    schedule_next();
    entry_leave();
}
