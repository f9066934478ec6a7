/* The starter's side of the steps in kernel/boot/park.h. */
#include "monitor/park.h"

#include <boot/park.h>
#include <skerry/fibre.h>
#include <skerry/slots.h>
#include <skerry/time.h>
#include <skerry/vspace.h>

#include "monitor/leaks.h"
#include "monitor/machine.h"
#include "monitor/outliving.h"
#include "monitor/ownership.h"

#define LOOK_MS 1

/* The block that the core has had since it was first started, as somebody else's. */
static err_t block_find(coreid_t core, paddr_t base, capaddr_t *frame) {
    struct foreign what = {
        .type = CAP_TYPE_FRAME, .rights = RIGHT_READ | RIGHT_WRITE, .owner = core, .base = base, .size = PARK_SIZE};
    return machine_forge(&what, frame);
}

static err_t block_map(struct park *park, capaddr_t frame, paddr_t base, bool fresh) {
    struct vspace_request request = {frame, 0, PARK_SIZE, MAP_READ | MAP_WRITE};
    void *at;
    TRY(vspace_map(&request, &at, NULL));
    if (fresh) {
        park_write(at, base);
    }
    park->mailbox = (struct park_mailbox *)(void *)((char *)at + PARK_MAILBOX);
    park->base = base;
    return ERR_OK;
}

static err_t open(coreid_t core, struct park *park, bool fresh) {
    paddr_t base = ownership_core(core).park;
    capaddr_t frame;
    TRY(fresh ? outliving_frame(PARK_SIZE, &frame, &base) : block_find(core, base, &frame));
    err_t err = block_map(park, frame, base, fresh);
    if (err != ERR_OK) {
        slot_release(frame);
    }
    return err;
}

err_t park_find(coreid_t core, struct park *park) {
    if (park->base != 0) {
        return ERR_OK;
    }
    if (ownership_core(core).park == 0) {
        return ERR_NOT_FOUND;
    }
    struct held before = leaks_made_from();
    err_t err = open(core, park, false);
    leaks_made_for_good(&before);
    return err;
}

err_t park_need(coreid_t core, struct park *park) {
    err_t err = park_find(core, park);
    if (err != ERR_NOT_FOUND) {
        return err;
    }
    struct held before = leaks_made_from();
    err = open(core, park, true);
    leaks_made_for_good(&before);
    return err;
}

/* S1 */
bool park_is_there(const struct park *park) {
    return park->base != 0 && __atomic_load_n(&park->mailbox->state, __ATOMIC_ACQUIRE) == PARK_STATE_PARKED;
}

bool park_await(const struct park *park, uint64_t deadline) {
    while (!park_is_there(park) && time_now() < deadline) {
        fibre_sleep_until(time_deadline(LOOK_MS)); /* it sends nothing any more */
    }
    return park_is_there(park);
}

/* S2; S3 is its NMI. */
void park_post(struct park *park, const struct layout_output *entry) {
    park->mailbox->entry = entry->entry;
    park->mailbox->boot_data = entry->boot_data;
    __atomic_store_n(&park->mailbox->cr3, entry->cr3, __ATOMIC_RELEASE);
}
