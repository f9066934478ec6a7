/* The starter's side of the steps in kernel/boot/park.h. */
#include "monitor/park.h"

#include <boot/park.h>
#include <skerry/fibre.h>
#include <skerry/ram.h>
#include <skerry/slots.h>
#include <skerry/time.h>
#include <skerry/vspace.h>

#define LOOK_MS 1

static err_t block_map(capaddr_t frame, void **at) {
    struct vspace_request request = {frame, 0, PARK_SIZE, MAP_READ | MAP_WRITE};
    return vspace_map(&request, at, NULL);
}

err_t park_need(struct park *park) {
    if (park->base != 0) {
        return ERR_OK;
    }
    struct ram_request request = {
        .size = PARK_SIZE, .align = PARK_SIZE, .from = CHUNK_SIZE, .properties = RAM_BELOW4G, .without = RAM_POOL};
    struct ram_block block;
    capaddr_t frame;
    TRY(ram_alloc(&request, &block));
    err_t err = ram_retype(&block, CAP_TYPE_FRAME, &frame);
    if (err != ERR_OK) {
        ram_free(&block);
        return err;
    }
    void *at;
    err = block_map(frame, &at);
    if (err != ERR_OK) {
        slot_release(frame);
        ram_free(&block);
        return err;
    }
    park_write(at, block.base);
    park->mailbox = (struct park_mailbox *)(void *)((char *)at + PARK_MAILBOX);
    park->base = block.base;
    return ERR_OK;
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
