/* A takes a frame of its RAM, formats it, and tells B the frame's physical address; B makes a capability of it with its
   kernel capability, maps it and answers with its APIC id; then both have a link.
   When both begin at once, the lower core's frame is taken: the lower one refuses with BUSY, and the higher one finds
   the link that the lower one's request makes. */
#include "monitor/introduce.h"

#include <abi/stubs.h>
#include <skerry/heap.h>
#include <skerry/ram.h>
#include <skerry/slots.h>
#include <skerry/time.h>
#include <skerry/vspace.h>

#include "monitor/leaks.h"
#include "monitor/machine.h"

static bool introducing[MAX_CORES];
static struct fibre_queue changed;

/* A frame that was offered and not answered for: the peer may have mapped it, so it is not used again while that runs. */
struct limbo {
    struct limbo *next;
    coreid_t core;
    struct link_memory memory;
};

static struct limbo *limbos;

static err_t offer_make(struct link_memory *memory, paddr_t *base) {
    uint32_t apic[2] = {boot_data()->apic, NO_APIC};
    TRY(link_memory_make(memory));
    err_t err = frame_identify(memory->frame, base, NULL);
    if (err != ERR_OK) {
        link_memory_end(memory);
        return err;
    }
    urpc_format(memory->mapping.base, LINK_SIZE, apic);
    return ERR_OK;
}

static void keep_in_limbo(coreid_t core, const struct link_memory *memory) {
    struct limbo *limbo = calloc(1, sizeof(*limbo));
    if (limbo == NULL) {
        return; /* it is lost */
    }
    leaks_keep(0, 1);
    *limbo = (struct limbo){limbos, core, *memory};
    limbos = limbo;
}

static void take_over(struct core *peer, struct link *link) {
    if (peer->link != NULL) {
        link_close(peer->link);
    }
    peer->link = link;
}

static err_t offer_to(coreid_t to, struct core *peer) {
    struct link_memory memory;
    paddr_t base;
    TRY(offer_make(&memory, &base));
    struct peer_call call = {.to = to, .operation = PEER_INTRODUCE, .request = {base, LINK_SIZE}};
    err_t err = peer_call(&call);
    bool maybe_mapped = err == ERR_OK || err == ERR_TIMEOUT;
    if (err == ERR_OK && call.reply[0] >= MAX_CORES) {
        err = ERR_FORMAT;
    }
    if (err == ERR_OK) {
        struct link *link;
        peer->apic = (uint32_t)call.reply[0];
        err = link_open(to, &memory, 0, &link);
        if (err == ERR_OK) {
            take_over(peer, link);
            return ERR_OK;
        }
    }
    if (maybe_mapped && peer->state != MONITOR_CORE_STOPPED) {
        keep_in_limbo(to, &memory);
    } else {
        link_memory_end(&memory);
    }
    return err;
}

err_t introduce(coreid_t to) {
    struct core *peer = core_get(to);
    if (peer == NULL || to == this_core()) {
        return ERR_NOT_FOUND;
    }
    uint64_t deadline = time_deadline(peer_deadline_ms());
    while (!link_works(peer->link)) {
        err_t err = peer->state == MONITOR_CORE_STOPPED ? ERR_PEER_DEAD : ERR_BUSY;
        if (err == ERR_BUSY && !introducing[to]) {
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

void introduce_end(coreid_t core) {
    for (struct limbo **at = &limbos, *limbo; (limbo = *at) != NULL;) {
        if (limbo->core != core) {
            at = &limbo->next;
            continue;
        }
        *at = limbo->next;
        link_memory_end(&limbo->memory);
        free(limbo);
        leaks_keep(0, -1);
    }
    fibre_wake_all(&changed);
}

static err_t frame_of(const struct peer_message *request, capaddr_t *frame) {
    struct foreign what = {
        .type = CAP_TYPE_FRAME,
        .rights = RIGHT_READ | RIGHT_WRITE,
        .owner = request->from,
        .base = request->word[0],
        .size = request->word[1],
    };
    return machine_forge(&what, frame);
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
    struct link_memory memory = {0};
    struct held before = leaks_made_from();
    TRY(frame_of(request, &memory.frame));
    struct vspace_request map = {memory.frame, 0, LINK_SIZE, MAP_READ | MAP_WRITE};
    void *at;
    err_t err = vspace_map(&map, &at, &memory.mapping);
    if (err != ERR_OK) {
        slot_release(memory.frame);
        return err;
    }
    leaks_made_for_good(&before);
    peer->apic = urpc_apic(at, 0);
    struct link *link;
    err = link_open(request->from, &memory, 1, &link);
    if (err != ERR_OK) {
        link_memory_end(&memory);
        return err;
    }
    take_over(peer, link);
    fibre_wake_all(&changed);
    reply[0] = boot_data()->apic;
    return ERR_OK;
}
