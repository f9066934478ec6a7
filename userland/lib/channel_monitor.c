/* Wake-ups that lead through monitors: who has no vector of its own is signalled by its monitor, and only that one may be
   asked by the others. So no memory is shared by domains that do not know each other, and the worst that a hostile one can
   do is to wake somebody for nothing. A fibre does the calls, for channels may not wait where they find that one is due. */
#include <abi/stubs.h>
#include <if/monitor.h>
#include <skerry/domain.h>
#include <skerry/log.h>

#include "lib/channel_internal.h"
#include "lib/channel_trace.h"

static struct channel *owed_first, *owed_last;
static bool caller_runs;

err_t channel_listen_by_monitor(capaddr_t notification, enum monitor_listen how) {
    struct lrpc_call call = {.operation = MONITOR_LISTEN, .cap = notification, .request = {how}};
    return domain_ask(&call);
}

static err_t ask_for(uint32_t place) {
    struct lrpc_call call = {.operation = MONITOR_WAKE, .request = {place}};
    return domain_ask(&call);
}

static void call_for_all(void *argument) {
    (void)argument;
    while (owed_first != NULL) {
        struct channel *channel = owed_first;
        owed_first = channel->owed;
        channel->owes = false;
        err_t err = ask_for(channel->wake.place);
        if (err != ERR_OK) {
            log_line("a channel's peer is not woken: %s", err_name(err));
        }
    }
    caller_runs = false;
}

void channel_wake_by_monitor(struct channel *channel) {
    if (!channel->owes) {
        channel->owes = true;
        channel->owed = NULL;
        *(owed_first != NULL ? &owed_last->owed : &owed_first) = channel;
        owed_last = channel;
    }
    if (!caller_runs) {
        caller_runs = fibre_spawn(call_for_all, NULL, 0) == ERR_OK;
    }
}

void channel_wake_forget(struct channel *channel) {
    if (!channel->owes) {
        return;
    }
    channel->owes = false;
    struct channel *before = NULL;
    for (struct channel *at = owed_first; at != channel; at = at->owed) {
        before = at;
    }
    *(before != NULL ? &before->owed : &owed_first) = channel->owed;
    owed_last = owed_last == channel ? before : owed_last;
}

void channel_wake_peer(struct urpc *urpc) {
    struct channel *channel = (struct channel *)urpc;
    channel->wakes++;
    channel_trace(channel, TRACE_KIND_RING);
    if (channel->wake.core != CAP_NULL) {
        err_t err = core_notify(channel->wake.core);
        if (err != ERR_OK) {
            log_line("a channel's peer cannot be woken: %s", err_name(err));
        }
    } else if (channel->wake.place != 0) {
        channel_wake_by_monitor(channel);
    }
}
