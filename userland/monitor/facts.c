/* Own facts, and the same of others. */
#include "monitor/facts.h"

#include <abi/stubs.h>
#include <skerry/fibre.h>
#include <skerry/log.h>
#include <skerry/string.h>
#include <skerry/time.h>

#include "monitor/cores.h"
#include "monitor/machine.h"
#include "monitor/peers.h"

#define CRASH_DELAY_MS 1 /* for the answer to get out first */
/* A core that has been silent before is not waited for as long again. */
#define SILENT_PROBE_PART 8

struct probe {
    coreid_t core;
    bool was_silent;
};

struct crash {
    uint64_t kind, argument;
};

static unsigned probes_open;
static struct fibre_queue probe_done;

err_t facts_mem(coreid_t core, uint64_t words[MONITOR_MEM_WORDS]) {
    struct ram_totals ram;
    if (core != this_core()) {
        struct peer_call call = {.to = core, .operation = PEER_MEM};
        TRY(peer_call(&call));
        memcpy(words, call.reply, MONITOR_MEM_WORDS * sizeof(words[0]));
        return ERR_OK;
    }
    uint64_t bytes, caps;
    TRY(kernel_info(CAP_KERNEL, KERNEL_INFO_POOL, NULL, &bytes, &caps));
    ram_count(&ram);
    words[MONITOR_MEM_POOL] = bytes;
    words[MONITOR_MEM_CAPS] = caps;
    words[MONITOR_MEM_RAM] = ram.total;
    words[MONITOR_MEM_FREE] = ram.free;
    words[MONITOR_MEM_POOL_FREE] = ram.pool_free;
    return ERR_OK;
}

err_t facts_domain(coreid_t core, uint64_t n, struct domain_line *line) {
    if (core == this_core()) {
        return domain_line(n, line);
    }
    struct peer_call call = {.to = core, .operation = PEER_PS, .request = {n}};
    TRY(peer_call(&call));
    line->number = (uint32_t)call.reply[0];
    line->state = call.reply[1] >> 32;
    line->upcalls = (uint32_t)call.reply[1];
    line->ticks = call.reply[2];
    memcpy(line->name, &call.reply[3], sizeof(line->name));
    return ERR_OK;
}

static void probe_one(void *argument) {
    const struct probe *probe = argument;
    uint64_t part = probe->was_silent ? SILENT_PROBE_PART : 1;
    struct peer_call call = {
        .to = probe->core,
        .operation = PEER_PROBE,
        .probe = true,
        .deadline_ms = peer_deadline_ms() / part,
    };
    struct core *core = core_get(probe->core);
    err_t err = peer_call(&call);
    if (err == ERR_OK) {
        core->apic = (uint32_t)call.reply[0];
        core->uptime_us = call.reply[1];
        memcpy(core->build_id, &call.reply[2], sizeof(core->build_id));
    } else if (err == ERR_NOT_FOUND && core->state == MONITOR_CORE_UNKNOWN) {
        core->state = MONITOR_CORE_NOT_STARTED;
        core->why = err;
    }
    probes_open--;
    fibre_wake_all(&probe_done);
}

static void probe_begin(coreid_t id, const struct core *core) {
    struct probe probe = {id, core->state == MONITOR_CORE_SILENT};
    probes_open++;
    if (fibre_spawn(probe_one, &probe, sizeof(probe)) != ERR_OK) {
        probes_open--;
    }
}

static void probe_self(void) {
    struct core *self = core_get(this_core());
    self->uptime_us = time_uptime_us();
    core_own_build_id(self->build_id);
}

void facts_probe_all(void) {
    uint64_t deadline = time_deadline(2 * peer_deadline_ms());
    probe_self();
    for (coreid_t id = 0; id < core_count(); id++) {
        const struct core *core = core_get(id);
        if (id == this_core() || core->state == MONITOR_CORE_NOT_STARTED || core->state == MONITOR_CORE_STOPPED) {
            continue;
        }
        while (probes_open >= 64 && fibre_wait(&probe_done, deadline)) {
            continue;
        }
        probe_begin(id, core);
    }
    while (probes_open > 0 && fibre_wait(&probe_done, deadline)) {
        continue;
    }
}

static void crash_now(void *argument) {
    const struct crash *crash = argument;
    fibre_sleep_until(time_deadline(CRASH_DELAY_MS));
    (void)facts_crash_here(crash->kind, crash->argument);
}

err_t facts_crash_here(uint64_t kind, uint64_t argument) {
    if (kind > CRASH_KIND_DEAF) {
        return ERR_ARGUMENT;
    }
    err_t err = kernel_crash(CAP_KERNEL, kind, argument);
    log_line("survived crash kind %lu: %s", kind, err_name(err));
    return err;
}

/* Another core is told by a message that it does not answer: whatever is sent after it on the same link finds that core
   gone. */
static err_t crash_other(coreid_t id, uint64_t kind, uint64_t argument) {
    const struct core *core = core_get(id);
    if (core == NULL || core->state == MONITOR_CORE_NOT_STARTED) {
        return ERR_NOT_FOUND;
    }
    if (core->state == MONITOR_CORE_SILENT) {
        return ERR_PEER_DEAD;
    }
    struct peer_message message = {.type = PEER_CRASH, .from = this_core(), .to = id, .word = {kind, argument}};
    return peer_post(&message);
}

err_t facts_crash(coreid_t core, uint64_t kind, uint64_t argument) {
    if (kind > CRASH_KIND_DEAF) {
        return ERR_ARGUMENT;
    }
    if (core != this_core()) {
        return crash_other(core, kind, argument);
    }
    struct crash crash = {kind, argument};
    return fibre_spawn(crash_now, &crash, sizeof(crash));
}
