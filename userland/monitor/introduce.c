/* A takes a frame of its RAM, formats it, and tells B the frame's physical address; B makes a capability of it with its
   kernel capability, maps it and answers with its APIC id; then both have a link.
   When both begin at once, the lower core's frame is taken: the lower one refuses with BUSY, and the higher one finds
   the link that the lower one's request makes. */
#include "monitor/introduce.h"

#include <abi/stubs.h>
#include <skerry/ram.h>
#include <skerry/slots.h>
#include <skerry/time.h>
#include <skerry/vspace.h>

#include "monitor/machine.h"

static bool introducing[MAX_CORES];
static struct fibre_queue changed;

struct offer {
    capaddr_t frame;
    struct ram_block block;
    struct vspace_mapping mapping;
    void *memory;
    paddr_t base;
};

static err_t offer_make(struct offer *offer) {
    uint32_t apic[2] = {boot_data()->apic, NO_APIC};
    TRY(ram_make(CAP_TYPE_FRAME, LINK_SIZE, &offer->frame, &offer->block));
    struct vspace_request request = {offer->frame, 0, LINK_SIZE, MAP_READ | MAP_WRITE};
    err_t err = frame_identify(offer->frame, &offer->base, NULL);
    if (err == ERR_OK) {
        err = vspace_map(&request, &offer->memory, &offer->mapping);
    }
    if (err != ERR_OK) {
        slot_release(offer->frame);
        ram_free(&offer->block);
        return err;
    }
    urpc_format(offer->memory, LINK_SIZE, apic);
    return ERR_OK;
}

/* Only where the peer has certainly not mapped it: it refused. */
static void offer_withdraw(struct offer *offer) {
    if (vspace_unmap(&offer->mapping) != ERR_OK) {
        return;
    }
    slot_release(offer->frame);
    ram_free(&offer->block);
}

static err_t offer_to(coreid_t to, struct core *peer) {
    struct offer offer;
    TRY(offer_make(&offer));
    struct peer_call call = {.to = to, .operation = PEER_INTRODUCE, .request = {offer.base, LINK_SIZE}};
    err_t err = peer_call(&call);
    if (err != ERR_OK) {
        if (err != ERR_TIMEOUT) {
            offer_withdraw(&offer);
        }
        return err;
    }
    if (call.reply[0] >= MAX_CORES) {
        return ERR_FORMAT;
    }
    peer->apic = (uint32_t)call.reply[0];
    return link_open(to, offer.memory, LINK_SIZE, 0, &peer->link);
}

err_t introduce(coreid_t to) {
    struct core *peer = core_get(to);
    if (peer == NULL || to == this_core()) {
        return ERR_NOT_FOUND;
    }
    uint64_t deadline = time_deadline(peer_deadline_ms());
    while (!link_works(peer->link)) {
        err_t err = ERR_BUSY;
        if (!introducing[to]) {
            introducing[to] = true;
            err = offer_to(to, peer);
            introducing[to] = false;
            fibre_wake_all(&changed);
        }
        if (err != ERR_OK && err != ERR_BUSY) {
            return err;
        }
        if (!link_works(peer->link) && !fibre_wait(&changed, deadline)) {
            return ERR_TIMEOUT;
        }
    }
    return ERR_OK;
}

static err_t frame_of(const struct peer_message *request, capaddr_t *frame) {
    uint64_t meta = CAP_TYPE_FRAME | (RIGHT_READ | RIGHT_WRITE) << 8 | (uint64_t)request->from << 16;
    TRY(slot_alloc(frame));
    err_t err = kernel_forge(CAP_KERNEL, meta, request->word[0], request->word[1], 0, slot_word(*frame));
    if (err != ERR_OK) {
        slot_free(*frame);
    }
    return err;
}

err_t introduce_serve(const struct peer_message *request, uint64_t reply[PEER_PAYLOAD - 1]) {
    struct core *peer = core_get(request->from);
    if (peer == NULL || request->word[0] % PAGE_SIZE != 0 || request->word[1] != LINK_SIZE) {
        return ERR_ARGUMENT;
    }
    /* A link on which the peer never sent anything is one whose answer it did not get in time. */
    bool in_use = link_works(peer->link) && urpc_received(&peer->link->channel.urpc) > 0;
    if (in_use || (introducing[request->from] && this_core() < request->from)) {
        return ERR_BUSY;
    }
    capaddr_t frame;
    TRY(frame_of(request, &frame));
    struct vspace_request map = {frame, 0, LINK_SIZE, MAP_READ | MAP_WRITE};
    struct vspace_mapping mapping;
    void *memory;
    err_t err = vspace_map(&map, &memory, &mapping);
    if (err == ERR_OK) {
        peer->apic = urpc_apic(memory, 0);
        err = link_open(request->from, memory, LINK_SIZE, 1, &peer->link);
        if (err != ERR_OK) {
            (void)vspace_unmap(&mapping);
        }
    }
    if (err != ERR_OK) {
        slot_release(frame);
        return err;
    }
    fibre_wake_all(&changed);
    reply[0] = boot_data()->apic;
    return ERR_OK;
}
