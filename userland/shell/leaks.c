/* `leaks`: what there is more of on each core than after start-up. Ends take a moment to be complete, so a core that is not
   clean is asked again until it is, or a deadline passes. */
#include <skerry/fibre.h>
#include <skerry/print.h>
#include <skerry/string.h>
#include <skerry/time.h>

#include "shell/shell.h"

#define SETTLE_DEADLINES 5 /* of the monitors: in which a core that has died is missed, probed, fenced and left out */
#define ASK_AGAIN_MS 5

static const char *const names[MONITOR_LEAKS_COUNT] = {
    [MONITOR_LEAK_RAM_PAGES] = "pages of RAM",
    [MONITOR_LEAK_CAPABILITIES] = "capabilities",
    [MONITOR_LEAK_SLOTS] = "slots",
    [MONITOR_LEAK_BLOCKS] = "heap blocks",
    [MONITOR_LEAK_NAMES] = "names",
    [MONITOR_LEAK_CHANNELS] = "channels",
};

static bool is_clean(const int32_t leaks[MONITOR_LEAKS_COUNT]) {
    for (unsigned i = 0; i < MONITOR_LEAKS_COUNT; i++) {
        if (leaks[i] != 0) {
            return false;
        }
    }
    return true;
}

/* Something that is no leak is counted with the rest. */
static bool is_included(const int32_t leaks[MONITOR_LEAKS_COUNT]) {
    return leaks[MONITOR_LEAK_DOMAINS] != 0 || leaks[MONITOR_LEAK_QUARANTINE] != 0;
}

static err_t leaks_of(uint64_t core, int32_t leaks[MONITOR_LEAKS_COUNT]) {
    uint64_t deadline = time_deadline(SETTLE_DEADLINES * machine->deadline_ms), reply[LRPC_PAYLOAD - 1];
    for (;;) {
        TRY(ask(MONITOR_LEAKS, &core, 1, reply));
        memcpy(leaks, reply, MONITOR_LEAKS_COUNT * sizeof(leaks[0]));
        if (is_clean(leaks) || is_included(leaks) || time_now() >= deadline) {
            return ERR_OK;
        }
        fibre_sleep_until(time_deadline(ASK_AGAIN_MS));
    }
}

/* True: it has leaked. */
static bool report(uint64_t core, const int32_t leaks[MONITOR_LEAKS_COUNT]) {
    int32_t domains = leaks[MONITOR_LEAK_DOMAINS];
    if (domains != 0) {
        printf("core %lu: not compared, %d %s domains run than after start-up\n", core,
               domains > 0 ? domains : -domains, domains > 0 ? "more" : "fewer");
        return false;
    }
    if (leaks[MONITOR_LEAK_QUARANTINE] != 0) {
        printf("core %lu: not compared, %d channels in quarantine: a core that does not answer may have them\n", core,
               leaks[MONITOR_LEAK_QUARANTINE]);
        return false;
    }
    for (unsigned i = 0; i < MONITOR_LEAKS_COUNT; i++) {
        if (leaks[i] != 0) {
            printf("core %lu: %d %s %s than after start-up\n", core, leaks[i] > 0 ? leaks[i] : -leaks[i],
                   leaks[i] > 0 ? "more" : "fewer", names[i]);
        }
    }
    return !is_clean(leaks);
}

enum status command_leaks(unsigned count, char **words) {
    unsigned leaking = 0;
    (void)words;
    if (count != 1) {
        return complain("takes no arguments: `leaks`");
    }
    for (uint64_t core = 0; core < machine->cores; core++) {
        int32_t leaks[MONITOR_LEAKS_COUNT];
        err_t err = leaks_of(core, leaks);
        if (err == ERR_OK) {
            leaking += report(core, leaks);
        } else if (err != ERR_NOT_FOUND) {
            printf("core %lu: not compared, %s\n", core, core_trouble(err));
        }
    }
    if (leaking == 0) {
        printf("leaks: none\n");
        return STATUS_OK;
    }
    return complain("%u core%s did not get everything back", leaking, leaking == 1 ? "" : "s");
}
