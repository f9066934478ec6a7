/* The home's monitor makes the frame when it is first asked for one, of memory that outlives its core, and keeps it; the others ask it where the frame is and make
   a capability of their own, which goes with the domain's CNodes. Whoever asks later with another size is refused. */
#include "monitor/commons.h"

#include <skerry/slots.h>

#include "monitor/domains.h"
#include "monitor/grants.h"
#include "monitor/home.h"
#include "monitor/machine.h"
#include "monitor/outliving.h"

static capaddr_t frame; /* at home, once made */
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
    TRY(outliving_frame(pages * PAGE_SIZE, &made, &frame_base));
    frame = made;
    frame_pages = pages;
    return ERR_OK;
}

/* With the right to grant, for it goes to the domain. */
static err_t forge(paddr_t base, uint64_t pages, capaddr_t *cap) {
    struct foreign what = {
        .type = CAP_TYPE_FRAME,
        .rights = RIGHT_READ | RIGHT_WRITE | RIGHT_GRANT,
        .owner = home(),
        .base = base,
        .size = pages * PAGE_SIZE,
    };
    return machine_forge(&what, cap);
}

err_t commons_give(uint32_t domain, uint64_t pages, capaddr_t *cap) {
    const struct domain *entry = domain_find(domain);
    struct grant grant = {.kind = GRANT_COMMONS, .first = pages};
    if (entry == NULL || entry->end != MONITOR_END_RUNNING) {
        return ERR_PEER_DEAD;
    }
    TRY(grant_find(entry->name, &grant));
    if (is_home()) {
        TRY(frame_make(pages));
        return slot_copy(frame, cap);
    }
    struct peer_call call = {.to = home(), .operation = PEER_COMMONS, .request = {pages}};
    TRY(peer_call(&call));
    return forge(call.reply[0], pages, cap);
}

err_t commons_serve(const struct peer_message *request, uint64_t reply[PEER_PAYLOAD - 1]) {
    if (!is_home()) {
        return ERR_UNSUPPORTED;
    }
    TRY(frame_make(request->word[0]));
    reply[0] = frame_base;
    return ERR_OK;
}
