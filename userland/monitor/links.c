/* Links on channels. */
#include "monitor/links.h"

#include <abi/stubs.h>
#include <skerry/heap.h>
#include <skerry/log.h>
#include <skerry/slots.h>

#include "monitor/leaks.h"
#include "monitor/machine.h"

static link_receiver receive;

static void take(struct channel *channel, const struct urpc_message *message) {
    receive((struct link *)channel, message);
}

static void ended(struct channel *channel, err_t why) {
    const struct link *link = (const struct link *)channel;
    if (why != ERR_PEER_DEAD) {
        log_line("core %u breaks the channel's protocol: closed (%s)", link->core, err_name(why));
    }
}

err_t links_init(link_receiver receiver) {
    capaddr_t irq;
    receive = receiver;
    TRY(machine_range(CAP_IRQ, VECTOR_WAKE, 1, &irq));
    return channel_listen(irq);
}

static err_t open(struct link *link, struct channel_request *request) {
    TRY(core_capability(core_get(link->core), VECTOR_WAKE, &request->wake.core));
    err_t err = channel_open(&link->channel, request);
    if (err != ERR_OK) {
        slot_release(request->wake.core);
    }
    return err;
}

err_t link_memory_make(struct link_memory *memory) {
    struct held before = leaks_made_from();
    *memory = (struct link_memory){0};
    TRY(ram_make(CAP_TYPE_FRAME, LINK_SIZE, &memory->frame, &memory->block));
    struct vspace_request request = {memory->frame, 0, LINK_SIZE, MAP_READ | MAP_WRITE};
    void *at;
    err_t err = vspace_map(&request, &at, &memory->mapping);
    if (err != ERR_OK) {
        slot_release(memory->frame);
        ram_free(&memory->block);
    }
    leaks_made_for_good(&before);
    return err;
}

void link_memory_end(struct link_memory *memory) {
    struct held before = leaks_made_from();
    if (vspace_unmap(&memory->mapping) != ERR_OK) {
        return;
    }
    slot_release(memory->frame);
    if (memory->block.size != 0) {
        ram_free(&memory->block);
    }
    leaks_made_for_good(&before);
}

err_t link_open(coreid_t core, const struct link_memory *memory, unsigned side, struct link **out) {
    struct held before = leaks_made_from();
    struct link *link = calloc(1, sizeof(*link));
    if (core_get(core) == NULL || link == NULL) {
        free(link);
        return ERR_NO_MEMORY;
    }
    struct channel_request request = {
        .frame = memory->mapping.base,
        .size = LINK_SIZE,
        .side = side,
        .patience = CHANNEL_PATIENCE,
        .receive = take,
        .ended = ended,
    };
    link->core = core;
    link->memory = *memory;
    err_t err = open(link, &request);
    if (err != ERR_OK) {
        free(link);
        return err;
    }
    *out = link;
    leaks_made_for_good(&before);
    return ERR_OK;
}

void link_close(struct link *link) {
    struct held before = leaks_made_from();
    capaddr_t wake = link->channel.wake.core;
    channel_end(&link->channel, ERR_PEER_DEAD);
    channel_close(&link->channel);
    slot_release(wake);
    link_memory_end(&link->memory);
    free(link);
    leaks_made_for_good(&before);
}

err_t link_send(struct link *link, const struct urpc_message *message, uint64_t deadline) {
    return channel_send(&link->channel, message, deadline);
}
