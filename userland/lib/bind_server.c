/* What the monitor asks of this domain: to accept a channel, to let one go, to tell of one. Each in a fibre of its own. */
#include <skerry/bind.h>
#include <skerry/channel_counts.h>
#include <skerry/domain.h>
#include <skerry/slots.h>

#include "lib/bind_internal.h"
#include "lib/channel_internal.h"
#include "lib/domain_internal.h"

static err_t (*accept_channel)(struct bind_channel *channel);
static bool heeding;

static void tell(struct channel_end *end, err_t why) {
    if (end->channel.ended != NULL) {
        end->channel.ended(&end->channel, why);
    }
}

/* Words as in MONITOR_BIND's reply: channel, domain there, bytes, place, interruptible. The frame is the end's from bind_end_make
   on. */
static err_t accept(struct lrpc_request *request) {
    if (accept_channel == NULL) {
        return ERR_UNSUPPORTED;
    }
    struct channel_end *end = bind_end_make(request->payload, 1, request->cap);
    if (end == NULL) {
        return ERR_NO_MEMORY;
    }
    request->cap = CAP_NULL;
    err_t err = bind_end_open(end, request->payload[4] != 0);
    if (err == ERR_OK) {
        err = accept_channel(&end->channel);
        if (err == ERR_OK && end->closed) {
            err = ERR_PEER_DEAD;
            tell(end, err);
        }
    }
    if (err != ERR_OK) {
        bind_end_take_out(end);
        bind_end_free(end);
        return err;
    }
    end->open = true;
    return ERR_OK;
}

static void close(uint32_t id, err_t why) {
    struct channel_end *end = bind_end_find(id);
    if (end == NULL) {
        return;
    }
    if (!end->open) {
        end->closed = true; /* whoever opens it finds that out */
        return;
    }
    bind_end_take_out(end);
    tell(end, why);
    bind_end_free(end);
}

static err_t receive(struct lrpc_request *request) {
    struct channel_end *end = bind_end_find((uint32_t)request->payload[0]);
    if (end == NULL || end->channel.received == NULL) {
        return ERR_UNSUPPORTED;
    }
    capaddr_t cap = request->cap;
    request->cap = CAP_NULL;
    end->channel.received(&end->channel, request->payload[1], cap);
    return ERR_OK;
}

/* Of a channel that its user has not opened, or polls on its own, there is nothing to tell. */
static err_t count(uint32_t id, uint64_t words[MONITOR_CHANNEL_WORDS]) {
    const struct channel_end *end = bind_end_find(id);
    if (end == NULL) {
        return ERR_NOT_FOUND;
    }
    const struct channel *channel = end->open ? channel_in(end->channel.memory) : NULL;
    if (channel != NULL) {
        channel_counts(channel, words);
    }
    return ERR_OK;
}

static void serve_monitor(const struct lrpc_request *asked) {
    struct lrpc_request request = *asked;
    struct lrpc_answer answer = {.error = ERR_UNSUPPORTED};
    uint64_t words[MONITOR_CHANNEL_WORDS] = {0};
    if (request.operation == DOMAIN_ACCEPT && request.cap != CAP_NULL) {
        answer.error = accept(&request);
    } else if (request.operation == DOMAIN_LENT && request.cap != CAP_NULL) {
        answer.error = receive(&request);
    } else if (request.operation == DOMAIN_CLOSED) {
        close((uint32_t)request.payload[0], (err_t)request.payload[1]);
        answer.error = ERR_OK;
    } else if (request.operation == DOMAIN_CHANNEL) {
        answer =
            (struct lrpc_answer){count((uint32_t)request.payload[0], words), MONITOR_CHANNEL_WORDS, words, CAP_NULL};
    } else if (request.operation == DOMAIN_CLIENT_ENDED) {
        lrpc_forget((uint32_t)request.payload[0]);
        answer.error = ERR_OK;
    } else if (request.operation == DOMAIN_SERVER_ENDED) {
        lrpc_server_ended();
        answer.error = ERR_OK;
    }
    if (request.cap != CAP_NULL) {
        slot_release(request.cap);
    }
    lrpc_reply_binding(&request, &answer);
}

err_t bind_heed_monitor(struct lrpc_binding *monitor) {
    TRY(domain_monitor(monitor));
    if (!heeding) {
        lrpc_serve_binding(monitor, serve_monitor);
        heeding = true;
    }
    return ERR_OK;
}

err_t bind_export(const char *name, err_t (*accept_one)(struct bind_channel *channel)) {
    struct lrpc_binding monitor;
    TRY(bind_heed_monitor(&monitor));
    if (accept_one != NULL) {
        TRY(bind_listen());
        accept_channel = accept_one;
    }
    return domain_export_to(name, accept_one != NULL);
}
