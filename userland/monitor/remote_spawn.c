/* The text goes in pieces, each answered, so that they arrive in order. The end of a domain elsewhere is asked for now
   and then, because a peer's request is answered at once. */
#include "monitor/remote_spawn.h"

#include <skerry/fibre.h>
#include <skerry/string.h>
#include <skerry/time.h>

#include "monitor/domains.h"
#include "monitor/machine.h"
#include "monitor/peers.h"

#define ASK_AGAIN_MS 5

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

err_t wait_on(const struct domain_wait *wait, enum monitor_end *end, uint64_t *status) {
    coreid_t core = DOMAIN_CORE(wait->number);
    if (core == this_core()) {
        return domain_wait(wait, end, status);
    }
    for (;;) {
        struct peer_call call = {.to = core, .operation = PEER_WAIT, .request = {wait->number}};
        TRY(peer_call(&call));
        *end = (enum monitor_end)call.reply[0];
        *status = call.reply[1];
        if (*end != MONITOR_END_RUNNING || time_now() >= wait->deadline || !domain_lives(wait->asker)) {
            return ERR_OK;
        }
        fibre_sleep_until(time_deadline(ASK_AGAIN_MS));
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
