/* Links on channels. */
#include "monitor/links.h"

#include <skerry/heap.h>
#include <skerry/log.h>

#include "monitor/machine.h"

static link_receiver receive;

static void take(struct channel *channel, const struct urpc_message *message) {
    receive((struct link *)channel, message);
}

static void ended(struct channel *channel, err_t why) {
    const struct link *link = (const struct link *)channel;
    log_line("core %u breaks the channel's protocol: closed (%s)", link->core, err_name(why));
}

err_t links_init(link_receiver receiver) {
    capaddr_t irq;
    receive = receiver;
    TRY(machine_range(CAP_IRQ, VECTOR_WAKE, 1, &irq));
    return channel_listen(irq);
}

static err_t open(struct link *link, struct channel_request *request) {
    TRY(core_capability(core_get(link->core), VECTOR_WAKE, &request->wake.core));
    return channel_open(&link->channel, request);
}

err_t link_open(coreid_t core, void *frame, size_t size, unsigned side, struct link **out) {
    struct link *link = calloc(1, sizeof(*link));
    if (core_get(core) == NULL || link == NULL) {
        free(link);
        return ERR_NO_MEMORY;
    }
    struct channel_request request = {
        .frame = frame,
        .size = size,
        .side = side,
        .patience = CHANNEL_PATIENCE,
        .receive = take,
        .ended = ended,
    };
    link->core = core;
    err_t err = open(link, &request);
    if (err != ERR_OK) {
        free(link);
        return err;
    }
    *out = link;
    return ERR_OK;
}

err_t link_send(struct link *link, const struct urpc_message *message, uint64_t deadline) {
    return channel_send(&link->channel, message, deadline);
}
