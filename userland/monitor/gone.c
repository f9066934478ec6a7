/* The table of contents of a core's end, as the others see it. */
#include "monitor/gone.h"

#include "monitor/bind.h"
#include "monitor/cores.h"
#include "monitor/introduce.h"
#include "monitor/machine.h"

void gone_take(coreid_t id) {
    core_get(id)->state = MONITOR_CORE_STOPPED;
    peers_end(id);
    binds_core_gone(id);
    introduce_end(id);
}

void gone_back(coreid_t id) {
    struct core *core = core_get(id);
    if (core->state == MONITOR_CORE_STOPPED) {
        core->state = MONITOR_CORE_UNKNOWN;
    }
}

static err_t check(const struct peer_message *request) {
    if (request->from != boot_data()->starter) {
        return ERR_CAP_RIGHTS;
    }
    return request->word[0] < core_count() && request->word[0] != this_core() ? ERR_OK : ERR_ARGUMENT;
}

err_t gone_serve(const struct peer_message *request, uint64_t reply[PEER_PAYLOAD - 1]) {
    (void)reply;
    TRY(check(request));
    gone_take((coreid_t)request->word[0]);
    return ERR_OK;
}

err_t gone_serve_back(const struct peer_message *request, uint64_t reply[PEER_PAYLOAD - 1]) {
    (void)reply;
    TRY(check(request));
    gone_back((coreid_t)request->word[0]);
    return ERR_OK;
}
