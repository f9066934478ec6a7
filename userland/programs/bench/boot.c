/* The suite `boot`: how far the machine was when this program began, and the memory in use. Nothing here varies, so every
   sample is the same. */
#include <if/monitor.h>
#include <skerry/domain.h>

#include "programs/bench/bench.h"

#define KIB 1024

static err_t reset_measure(struct pair *pair, uint64_t *ticks) {
    (void)pair;
    *ticks = program_began;
    return ERR_OK;
}

static err_t monitor_ask(uint16_t operation, uint64_t argument, struct lrpc_call *call) {
    *call = (struct lrpc_call){.operation = operation, .request = {argument}};
    return domain_ask(call);
}

/* A reply's first word is the error. Memory that is behind capabilities and not free, on each core that answers; core 0's own images are not in it. */
static err_t memory_measure(struct pair *pair, uint64_t *kib) {
    (void)pair;
    struct lrpc_call about, mem;
    uint64_t used = 0;
    TRY(monitor_ask(MONITOR_ABOUT, 0, &about));
    for (uint64_t core = 0; core < about.reply[2]; core++) {
        TRY(monitor_ask(MONITOR_MEM, core, &mem));
        used += mem.reply[1 + MONITOR_MEM_RAM] - mem.reply[1 + MONITOR_MEM_FREE];
    }
    *kib = used / KIB;
    return ERR_OK;
}

static const struct path paths[] = {
    {"reset-to-program", NULL, reset_measure, NULL},
    {"memory-kib", NULL, memory_measure, NULL},
};

const struct suite suite_boot = {"boot", paths, ARRAY_SIZE(paths), NULL, NULL};
