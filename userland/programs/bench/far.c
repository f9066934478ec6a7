/* The first domain's end. What breaks a channel ends the domain: there is nothing left to measure. */
#include "programs/bench/far.h"

#include <if/monitor.h>
#include <skerry/domain.h>
#include <skerry/print.h>
#include <skerry/spawn.h>

#include "programs/bench/bench.h"

#define BIND_MS 5000

static err_t start(coreid_t core) {
    static const char *const argv[] = {BENCH_NAME, BENCH_FAR};
    struct spawn spawn = {.argv = argv, .argc = ARRAY_SIZE(argv), .core = core};
    uint32_t domain;
    return spawn_domain(&spawn, &domain);
}

err_t far_cores(uint64_t *count) {
    struct lrpc_call call = {.operation = MONITOR_ABOUT};
    TRY(domain_ask(&call));
    *count = MIN(call.reply[2], (uint64_t)FAR_CORES_MAX);
    return ERR_OK;
}

err_t far_open(coreid_t core, enum far_start how, struct far *far) {
    char name[MONITOR_NAME_BYTES + 1];
    struct bind_request request = {.name = name, .deadline_ms = BIND_MS};
    struct bind_result result;
    if (how == FAR_START) {
        TRY(start(core));
    }
    snprintf(name, sizeof(name), "bench-far-%u", core);
    TRY(bind_to(&request, &result));
    if (result.kind != BIND_CHANNEL) {
        return ERR_UNSUPPORTED;
    }
    far->binding = result.channel;
    return urpc_open(&far->urpc, result.channel->memory, result.channel->size, result.channel->side);
}

void far_broken(err_t err) {
    die("the channel to another core: %s", err_name(err));
}

void far_ask(struct far *far, uint16_t type, uint64_t word) {
    struct urpc_message answer;
    far_send(&far->urpc, type, word);
    far_receive(&far->urpc, &answer);
    if (answer.type != type) {
        far_broken(ERR_FORMAT);
    }
}

err_t far_end(struct far *far) {
    far_ask(far, FAR_END, 0);
    bind_release(far->binding);
    return ERR_OK;
}
