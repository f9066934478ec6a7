/* The text goes in pieces, each answered, so that they arrive in order. The other monitor answers a question for a domain's end
   when that has come, or after a while that it is running still; then it is asked again. */
#include "monitor/remote_spawn.h"

#include <skerry/string.h>
#include <skerry/time.h>

#include "monitor/domains.h"
#include "monitor/machine.h"
#include "monitor/peers.h"

static uint32_t last_key;

err_t spawn_on(coreid_t core, const struct spawn_order *order, uint32_t *domain) {
    if (core == this_core()) {
        return spawn_ordered(order, domain);
    }
    uint64_t pages = order->own_ram / PAGE_SIZE, key = ++last_key | (uint64_t)order->starter << 32, size = order->size;
    for (size_t at = 0; at < size; at += PEER_TEXT) {
        struct peer_call call = {.to = core, .operation = PEER_SPAWN, .request = {key, size | at << 16 | pages << 32}};
        memcpy(&call.request[2], order->text + at, MIN(size - at, (size_t)PEER_TEXT));
        TRY(peer_call(&call));
        *domain = (uint32_t)call.reply[0];
    }
    return DOMAIN_CORE(*domain) == core ? ERR_OK : ERR_FORMAT;
}

static uint64_t ms_until(uint64_t deadline) {
    uint64_t now = time_now();
    return deadline > now ? time_us_from_ticks(deadline - now) / 1000 : 0;
}

err_t wait_on(const struct domain_wait *wait, enum monitor_end *end, uint64_t *status) {
    coreid_t core = DOMAIN_CORE(wait->number);
    if (core == this_core()) {
        return domain_wait(wait, end, status);
    }
    for (;;) {
        struct peer_call call = {
            .to = core, .operation = PEER_WAIT, .request = {wait->number, ms_until(wait->deadline)}};
        TRY(peer_call(&call));
        *end = (enum monitor_end)call.reply[0];
        *status = call.reply[1];
        if (*end != MONITOR_END_RUNNING || time_now() >= wait->deadline || !domain_lives(wait->asker)) {
            return ERR_OK;
        }
    }
}

err_t kill_on(const struct domain_kill *kill) {
    coreid_t core = DOMAIN_CORE(kill->number);
    if (core == this_core()) {
        return domain_kill(kill);
    }
    struct peer_call call = {
        .to = core, .operation = PEER_KILL, .request = {kill->number, kill->asker, kill->operator}};
    return peer_call(&call);
}
