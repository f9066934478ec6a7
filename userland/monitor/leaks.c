/* Counts are taken between two waits, so that they are of one moment; who asks asks again when an end is still under way. */
#include "monitor/leaks.h"

#include <abi/stubs.h>
#include <skerry/string.h>

#include "monitor/bind.h"
#include "monitor/domains.h"
#include "monitor/machine.h"
#include "monitor/names.h"

_Static_assert(MONITOR_LEAKS_COUNT * sizeof(int32_t) <= (PEER_PAYLOAD - 1) * sizeof(uint64_t), "fit into one reply");

static int64_t baseline[MONITOR_LEAKS_COUNT];
static int64_t kept_blocks;
static bool rebase; /* the next time that nothing runs but what the monitor itself started */

static void count(int64_t counts[MONITOR_LEAKS_COUNT]) {
    struct held held;
    uint64_t capabilities = 0;
    held_count(&held);
    (void)kernel_info(CAP_KERNEL, KERNEL_INFO_POOL, NULL, NULL, &capabilities);
    counts[MONITOR_LEAK_DOMAINS] = domains_running();
    counts[MONITOR_LEAK_RAM_PAGES] = held.ram / (int64_t)PAGE_SIZE;
    counts[MONITOR_LEAK_CAPABILITIES] = (int64_t)capabilities - held.capabilities;
    counts[MONITOR_LEAK_SLOTS] = held.slots;
    counts[MONITOR_LEAK_BLOCKS] = held.blocks - kept_blocks;
    counts[MONITOR_LEAK_NAMES] = names_count();
    counts[MONITOR_LEAK_CHANNELS] = (int64_t)binds_count() - binds_quarantined();
    counts[MONITOR_LEAK_QUARANTINE] = binds_quarantined();
}

void leaks_baseline(void) {
    count(baseline);
}

void leaks_baseline_when_quiet(void) {
    rebase = true;
}

err_t leaks_of(coreid_t core, int32_t leaks[MONITOR_LEAKS_COUNT]) {
    if (core != this_core()) {
        struct peer_call call = {.to = core, .operation = PEER_LEAKS};
        TRY(peer_call(&call));
        memcpy(leaks, call.reply, MONITOR_LEAKS_COUNT * sizeof(leaks[0]));
        return ERR_OK;
    }
    int64_t now[MONITOR_LEAKS_COUNT] = {0};
    if (rebase && domains_running() == domains_own()) {
        rebase = false;
        leaks_baseline();
    }
    count(now);
    for (unsigned i = 0; i < MONITOR_LEAKS_COUNT; i++) {
        leaks[i] = (int32_t)(now[i] - baseline[i]);
    }
    if (baseline[MONITOR_LEAK_DOMAINS] >
        0) { /* domains that go on running take and give back capabilities of their own */
        leaks[MONITOR_LEAK_CAPABILITIES] = 0;
    }
    return ERR_OK;
}

err_t leaks_serve(const struct peer_message *request, uint64_t reply[PEER_PAYLOAD - 1]) {
    (void)request;
    return leaks_of(this_core(), (int32_t *)(void *)reply);
}

void leaks_keep(int64_t slots, int64_t blocks) {
    held_for_good(slots, 0);
    kept_blocks += blocks;
}

struct held leaks_made_from(void) {
    struct held before;
    held_count(&before);
    return before;
}

void leaks_made_for_good(const struct held *before) {
    struct held now;
    held_count(&now);
    held_for_good(now.slots - before->slots, now.ram - before->ram);
    kept_blocks += now.blocks - before->blocks;
}
