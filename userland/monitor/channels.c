#include "monitor/channels.h"

#include <skerry/channel_counts.h>
#include <skerry/lrpc.h>
#include <skerry/slots.h>
#include <skerry/string.h>

#include "monitor/cores.h"
#include "monitor/ends.h"
#include "monitor/links.h"
#include "monitor/machine.h"

_Static_assert(MONITOR_CHANNEL_WORDS == PEER_PAYLOAD - 1, "a line fits a reply");

static uint64_t domains(uint32_t here, uint32_t there) {
    return here | (uint64_t)there << 32;
}

/* A monitor's number among its core's domains. */
static uint32_t monitor_of(coreid_t core) {
    return (uint32_t)core << 16;
}

static const struct link *link_of(uint64_t *n) {
    for (coreid_t id = 0; id < core_count(); id++) {
        const struct link *link = core_get(id)->link;
        if (link != NULL && (*n)-- == 0) {
            return link;
        }
    }
    return NULL;
}

static const struct end *end_of(uint64_t n) {
    struct end *end = end_next(NULL);
    while (end != NULL && n-- > 0) {
        end = end_next(end);
    }
    return end;
}

/* What the domain has to say of its end, which may be gone afterwards. */
static void ask_domain(const struct end *end, uint64_t words[MONITOR_CHANNEL_WORDS]) {
    struct lrpc_call call = {.operation = DOMAIN_CHANNEL, .deadline_ms = peer_deadline_ms() / 4, .request = {end->id}};
    if (lrpc_client_call(end->domain, &call) == ERR_OK) {
        uint64_t about = words[MONITOR_CHANNEL_DOMAINS];
        memcpy(words, &call.reply[1], MONITOR_CHANNEL_WORDS * sizeof(words[0]));
        words[MONITOR_CHANNEL_DOMAINS] = about;
    } else {
        words[MONITOR_CHANNEL_STATE] = MONITOR_CHANNEL_SILENT;
    }
    if (call.reply_cap != CAP_NULL) {
        slot_release(call.reply_cap);
    }
}

static void describe_end(const struct end *end, uint64_t words[MONITOR_CHANNEL_WORDS]) {
    static const uint8_t states[] = {
        [END_MAKING] = MONITOR_CHANNEL_OPENING,
        [END_CLOSING] = MONITOR_CHANNEL_CLOSING,
        [END_QUARANTINED] = MONITOR_CHANNEL_QUARANTINED,
    };
    words[MONITOR_CHANNEL_DOMAINS] = domains(end->domain, end->peer);
    if (end->state == END_OPEN) {
        ask_domain(end, words);
    } else {
        words[MONITOR_CHANNEL_STATE] = states[end->state];
    }
}

static err_t own_line(uint64_t n, uint64_t words[MONITOR_CHANNEL_WORDS]) {
    memset(words, 0, MONITOR_CHANNEL_WORDS * sizeof(words[0]));
    const struct link *link = link_of(&n);
    if (link != NULL) {
        words[MONITOR_CHANNEL_DOMAINS] = domains(monitor_of(this_core()), monitor_of(link->core));
        channel_counts(&link->channel, words);
        return ERR_OK;
    }
    const struct end *end = end_of(n);
    if (end == NULL) {
        return ERR_NOT_FOUND;
    }
    describe_end(end, words);
    return ERR_OK;
}

err_t channels_line(coreid_t core, uint64_t n, uint64_t words[MONITOR_CHANNEL_WORDS]) {
    if (core == this_core()) {
        return own_line(n, words);
    }
    struct peer_call call = {.to = core, .operation = PEER_CHANNEL, .request = {n}};
    TRY(peer_call(&call));
    memcpy(words, call.reply, MONITOR_CHANNEL_WORDS * sizeof(words[0]));
    return ERR_OK;
}

err_t channels_serve(const struct peer_message *request, uint64_t reply[PEER_PAYLOAD - 1]) {
    return own_line(request->word[0], reply);
}
