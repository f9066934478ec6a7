/* Both ends of bindings: what the monitor tells, and the list of channels. */
#include <skerry/bind.h>

#include <abi/stubs.h>
#include <skerry/domain.h>
#include <skerry/heap.h>
#include <skerry/slots.h>
#include <skerry/string.h>
#include <skerry/sync.h>

#include "lib/bind_internal.h"
#include "lib/domain_internal.h"

#define MONITOR_MS 20000 /* beyond the deadline that the monitor was given */

static struct channel_end *ends;
static struct mutex listen_lock;

err_t bind_listen(void) {
    mutex_lock(&listen_lock); /* a second listener is refused, so one of us goes first */
    err_t err = channel_listen(CAP_NULL);
    mutex_unlock(&listen_lock);
    return err;
}

struct channel_end *bind_end_find(uint32_t id) {
    struct channel_end *end = ends;
    while (end != NULL && end->channel.id != id) {
        end = end->next;
    }
    return end;
}

void bind_end_add(struct channel_end *end) {
    PINNED();
    end->next = ends;
    ends = end;
}

void bind_end_take_out(struct channel_end *end) {
    PINNED();
    struct channel_end **at = &ends;
    while (*at != NULL && *at != end) {
        at = &(*at)->next;
    }
    if (*at != NULL) {
        *at = end->next;
    }
}

void bind_end_free(struct channel_end *end) {
    if (end->mapping.runs > 0) {
        (void)vspace_unmap(&end->mapping); /* fails where the monitor has taken it already */
    }
    capaddr_t held[] = {end->frame, end->channel.wake.core};
    for (unsigned i = 0; i < ARRAY_SIZE(held); i++) {
        if (held[i] != CAP_NULL) {
            slot_release(held[i]);
        }
    }
    free(end);
}

static err_t take_wake(struct channel_end *end) {
    struct lrpc_call call = {.operation = MONITOR_BIND_WAKE, .request = {end->channel.id}};
    TRY(domain_ask(&call));
    end->channel.wake.core = call.reply_cap;
    return call.reply_cap != CAP_NULL ? ERR_OK : ERR_FORMAT;
}

err_t bind_end_open(struct channel_end *end, bool interruptible) {
    struct vspace_request map = {end->frame, 0, end->channel.size, MAP_READ | MAP_WRITE};
    if (interruptible) {
        TRY(take_wake(end));
    }
    TRY(vspace_map(&map, &end->channel.memory, &end->mapping));
    return end->closed ? ERR_PEER_DEAD : ERR_OK;
}

static err_t unbind(uint32_t id) {
    struct lrpc_call call = {.operation = MONITOR_UNBIND, .request = {id}};
    return domain_ask(&call);
}

void bind_release(struct bind_channel *channel) {
    struct channel_end *end = (struct channel_end *)channel;
    uint32_t id = channel->id;
    bind_end_take_out(end);
    bind_end_free(end);
    (void)unbind(id); /* it may have been closed by the other end just now */
}

/* Word by word as MONITOR_BIND and DOMAIN_ACCEPT have them. */
struct channel_end *bind_end_make(const uint64_t words[4], unsigned side, capaddr_t frame) {
    struct channel_end *end = calloc(1, sizeof(*end));
    if (end == NULL) {
        return NULL;
    }
    end->frame = frame;
    end->channel =
        (struct bind_channel){.id = (uint32_t)words[0], .peer = (uint32_t)words[1], .side = side, .size = words[2]};
    end->channel.wake.place = (uint32_t)words[3];
    bind_end_add(end);
    return end;
}

static err_t open_channel(struct lrpc_call *call, struct bind_result *result) {
    if (call->reply_cap == CAP_NULL) {
        return ERR_FORMAT;
    }
    struct channel_end *end = bind_end_make(&call->reply[2], 0, call->reply_cap);
    if (end == NULL) {
        slot_release(call->reply_cap);
        (void)unbind((uint32_t)call->reply[2]);
        return ERR_NO_MEMORY;
    }
    err_t err = bind_end_open(end, call->reply[6] != 0);
    if (err != ERR_OK) {
        err = end->closed ? ERR_PEER_DEAD : err;
        bind_release(&end->channel);
        return err;
    }
    end->open = true;
    *result = (struct bind_result){.kind = BIND_CHANNEL, .channel = &end->channel};
    return ERR_OK;
}

static err_t open_lrpc(const struct lrpc_call *call, struct bind_result *result) {
    if (call->reply_cap == CAP_NULL) {
        return ERR_FORMAT;
    }
    struct bind_result made = {.kind = BIND_LRPC};
    err_t err = lrpc_bind(call->reply_cap, &made.lrpc);
    if (err != ERR_OK) {
        slot_release(call->reply_cap);
        return err;
    }
    *result = made;
    return ERR_OK;
}

static err_t ask(const struct bind_request *request, struct lrpc_call *call) {
    struct lrpc_binding monitor;
    call->operation = MONITOR_BIND;
    call->deadline_ms = request->deadline_ms + MONITOR_MS;
    call->request[2] = request->size != 0 ? request->size : BIND_SIZE;
    call->request[3] = request->deadline_ms;
    TRY(bind_heed_monitor(&monitor));
    return lrpc_call(&monitor, call);
}

err_t bind_to(const struct bind_request *request, struct bind_result *result) {
    struct lrpc_call call = {0};
    TRY(domain_name_words(request->name, call.request));
    err_t err = ask(request, &call);
    if (err == ERR_NOT_READY) { /* between two cores: only now need this domain be reachable by wake-ups */
        TRY(bind_listen());
        err = ask(request, &call);
    }
    TRY(err);
    return call.reply[1] == MONITOR_BIND_CHANNEL ? open_channel(&call, result) : open_lrpc(&call, result);
}

err_t bind_send_cap(struct bind_channel *channel, uint64_t word, capaddr_t cap) {
    struct lrpc_call call = {.operation = MONITOR_LEND, .request = {channel->id, word}};
    return domain_show(&call, cap);
}

static err_t recall(capaddr_t cap) {
    struct lrpc_call call = {.operation = MONITOR_RECALL};
    return domain_show(&call, cap);
}

/* Again when somebody has lent it anew between the two. */
err_t bind_revoke_cap(capaddr_t cap) {
    err_t err;
    while ((err = cap_revoke(cap)) == ERR_SHARED) {
        TRY(recall(cap));
    }
    return err;
}

err_t bind_return_cap(struct bind_channel *channel, capaddr_t cap) {
    struct lrpc_call call = {.operation = MONITOR_RETURN, .request = {channel->id}, .cap = cap};
    err_t err = domain_ask(&call);
    if (call.cap != CAP_NULL) {
        slot_release(call.cap);
    }
    return err;
}
