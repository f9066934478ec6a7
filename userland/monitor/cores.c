/* The table of cores. */
#include "monitor/cores.h"

#include <abi/stubs.h>
#include <skerry/held.h>
#include <skerry/log.h>
#include <skerry/slots.h>

#include "monitor/bind.h"
#include "monitor/machine.h"

/* Emulated cores share a few host CPUs, with each other and with whatever else is busy there. */
#define DEADLINE_MS 500
#define DEADLINE_EMULATED_MS 2000
#define DEADLINE_EMULATED_CORE_MS 20
#define TURN_MS 50

static struct core cores[MAX_CORES];
static uint32_t known;

uint32_t core_count(void) {
    return known;
}

void cores_init(uint32_t count) {
    const struct boot_data *boot = boot_data();
    for (; known < MIN(count, (uint32_t)MAX_CORES); known++) {
        cores[known] = (struct core){.apic = NO_APIC, .state = MONITOR_CORE_UNKNOWN};
    }
    if (boot->core >= known) {
        return;
    }
    cores[boot->core].apic = boot->apic;
    cores[boot->core].state = MONITOR_CORE_ANSWERING;
}

struct core *core_get(coreid_t id) {
    return id < known ? &cores[id] : NULL;
}

void core_heard(coreid_t id) {
    struct core *core = core_get(id);
    if (core == NULL || core->state == MONITOR_CORE_ANSWERING || core->state == MONITOR_CORE_STOPPED) {
        return;
    }
    if (core->state == MONITOR_CORE_SILENT) {
        log_line("core %u answers again", id);
        binds_core_heard(id);
    }
    core->state = MONITOR_CORE_ANSWERING;
}

void core_silent(coreid_t id) {
    struct core *core = core_get(id);
    if (core == NULL || (core->state != MONITOR_CORE_ANSWERING && core->state != MONITOR_CORE_UNKNOWN)) {
        return;
    }
    log_line("core %u does not answer", id);
    core->state = MONITOR_CORE_SILENT;
}

void core_own_build_id(uint64_t word[MONITOR_BUILD_ID_WORDS]) {
    if (kernel_info(CAP_KERNEL, KERNEL_INFO_BUILD_ID, &word[0], &word[1], &word[2]) != ERR_OK) {
        word[0] = word[1] = word[2] = 0;
    }
}

err_t core_capability(struct core *core, uint64_t vector, capaddr_t *cap) {
    if (core->apic >= MAX_CORES) {
        return ERR_NOT_FOUND;
    }
    if (core->cap == CAP_NULL) {
        TRY(machine_range(CAP_CORES, core->apic, 1, &core->cap));
        held_for_good(1, 0);
    }
    if (vector == 0) {
        *cap = core->cap;
        return ERR_OK;
    }
    return slot_mint(core->cap, RIGHT_WRITE | RIGHT_GRANT, vector, cap);
}

uint64_t crowd_turn_ms(void) {
    return is_emulated() && core_count() > CROWD ? (uint64_t)this_core() * TURN_MS : 0;
}

uint64_t peer_deadline_ms(void) {
    return is_emulated() ? DEADLINE_EMULATED_MS + core_count() * DEADLINE_EMULATED_CORE_MS : DEADLINE_MS;
}
