/* Core 0's monitor makes the frame when it is first asked for one and keeps it; the others ask it where the frame is and make
   a capability of their own, which goes with the domain's CNodes. Whoever asks later with another size is refused. */
#include "monitor/commons.h"

#include <abi/stubs.h>
#include <skerry/ram.h>
#include <skerry/slots.h>

#include "monitor/domains.h"
#include "monitor/grants.h"
#include "monitor/leaks.h"
#include "monitor/machine.h"

static capaddr_t frame; /* on core 0, once made */
static uint64_t frame_pages;
static paddr_t frame_base;

static err_t frame_make(uint64_t pages) {
    if (frame != CAP_NULL) {
        return pages == frame_pages ? ERR_OK : ERR_ARGUMENT;
    }
    if (pages == 0 || pages > COMMONS_PAGES_MAX) {
        return ERR_ARGUMENT;
    }
    capaddr_t made;
    struct held before = leaks_made_from();
    TRY(ram_make(CAP_TYPE_FRAME, pages * PAGE_SIZE, &made, NULL));
    leaks_made_for_good(&before);
    TRY(frame_identify(made, &frame_base, NULL));
    frame = made;
    frame_pages = pages;
    return ERR_OK;
}

static err_t copy(capaddr_t *cap) {
    TRY(slot_alloc(cap));
    err_t err = cap_copy(frame, slot_word(*cap));
    if (err != ERR_OK) {
        slot_free(*cap);
    }
    return err;
}

static err_t forge(paddr_t base, uint64_t pages, capaddr_t *cap) {
    uint64_t rights = RIGHT_READ | RIGHT_WRITE | RIGHT_GRANT; /* the last, for it goes to the domain */
    uint64_t meta = CAP_TYPE_FRAME | rights << 8;             /* core 0's */
    TRY(slot_alloc(cap));
    err_t err = kernel_forge(CAP_KERNEL, meta, base, pages * PAGE_SIZE, 0, slot_word(*cap));
    if (err != ERR_OK) {
        slot_free(*cap);
    }
    return err;
}

err_t commons_give(uint32_t domain, uint64_t pages, capaddr_t *cap) {
    const struct domain *entry = domain_find(domain);
    struct grant grant = {.kind = GRANT_COMMONS, .first = pages};
    if (entry == NULL || entry->end != MONITOR_END_RUNNING) {
        return ERR_PEER_DEAD;
    }
    TRY(grant_find(entry->name, &grant));
    if (this_core() == 0) {
        TRY(frame_make(pages));
        return copy(cap);
    }
    struct peer_call call = {.to = 0, .operation = PEER_COMMONS, .request = {pages}};
    TRY(peer_call(&call));
    return forge(call.reply[0], pages, cap);
}

err_t commons_serve(const struct peer_message *request, uint64_t reply[PEER_PAYLOAD - 1]) {
    if (this_core() != 0) {
        return ERR_UNSUPPORTED;
    }
    TRY(frame_make(request->word[0]));
    reply[0] = frame_base;
    return ERR_OK;
}
