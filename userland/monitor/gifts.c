/* A list; each entry has a RAM capability of its own, which stays here, owned by the other core, while that has the memory. */
#include "monitor/gifts.h"

#include <abi/stubs.h>
#include <skerry/heap.h>
#include <skerry/slots.h>

#include "monitor/machine.h"

static struct gift *gifts;

err_t gift_take(uint64_t size, struct gift **out) {
    struct ram_request request = {.size = size, .align = CHUNK_SIZE, .properties = RAM_BELOW4G};
    struct gift *gift = calloc(1, sizeof(*gift));
    if (gift == NULL) {
        return ERR_NO_MEMORY;
    }
    gift->core = this_core();
    err_t err = ram_alloc(&request, &gift->block);
    if (err == ERR_OK) {
        err = ram_retype(&gift->block, CAP_TYPE_RAM, &gift->cap);
        if (err != ERR_OK) {
            ram_free(&gift->block);
        }
    }
    if (err != ERR_OK) {
        free(gift);
        return err;
    }
    gift->next = gifts;
    gifts = gift;
    *out = gift;
    return ERR_OK;
}

err_t gift_give(struct gift *gift, coreid_t core) {
    TRY(kernel_give(CAP_KERNEL, gift->cap, core));
    ram_lose(&gift->block);
    gift->core = core;
    return ERR_OK;
}

static void forget(struct gift *gift) {
    struct gift **at = &gifts;
    while (*at != gift) {
        at = &(*at)->next;
    }
    *at = gift->next;
    free(gift);
}

void gift_return(struct gift *gift) {
    slot_release(gift->cap);
    ram_free(&gift->block);
    forget(gift);
}

err_t gifts_take_back(coreid_t core) {
    for (struct gift *gift = gifts, *next; gift != NULL; gift = next) {
        next = gift->next;
        if (gift->core != core) {
            continue;
        }
        TRY(kernel_reclaim(CAP_KERNEL, gift->cap));
        slot_release(gift->cap);
        ram_regain(&gift->block);
        forget(gift);
    }
    return ERR_OK;
}

uint64_t gifts_of(coreid_t core) {
    uint64_t size = 0;
    for (const struct gift *gift = gifts; gift != NULL; gift = gift->next) {
        size += gift->core == core ? gift->block.size : 0;
    }
    return size;
}
