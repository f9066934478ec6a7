/* One chunk at a time is cut from its start; what a larger frame does not fit in is left over. */
#include "monitor/outliving.h"

#include <skerry/ram.h>
#include <skerry/slots.h>
#include <skerry/sync.h>

#include "monitor/leaks.h"
#include "monitor/ownership.h"

static struct ram_block chunk;
static uint64_t used; /* bytes of it */

static err_t chunk_take(void) {
    struct ram_request request = {
        .size = CHUNK_SIZE, .align = CHUNK_SIZE, .properties = RAM_BELOW4G, .without = RAM_POOL | RAM_LOW};
    struct ram_block block;
    TRY(ram_alloc(&request, &block));
    struct ram_range range = {block.base, block.size};
    err_t err = ownership_give(&range, OWNER_COMMON);
    if (err != ERR_OK) {
        ram_free(&block);
        return err;
    }
    ram_lose(&block);
    chunk = block;
    used = 0;
    return ERR_OK;
}

static err_t cut(uint64_t size, capaddr_t *frame, paddr_t *base) {
    uint64_t aligned = PAGE_SIZE;
    while (aligned < size) {
        aligned *= 2;
    }
    if (size == 0 || aligned > CHUNK_SIZE) {
        return ERR_ARGUMENT;
    }
    if (chunk.size == 0 || ALIGN_UP(used, aligned) + size > chunk.size) {
        TRY(chunk_take());
    }
    used = ALIGN_UP(used, aligned);
    struct ram_block part = {chunk.cap, chunk.offset + used, chunk.base + used, size};
    TRY(ram_retype(&part, CAP_TYPE_FRAME, frame));
    used += size;
    *base = part.base;
    return ERR_OK;
}

err_t outliving_frame(uint64_t size, capaddr_t *frame, paddr_t *base) {
    static struct mutex lock;
    mutex_lock(&lock);
    struct held before = leaks_made_from();
    err_t err = cut(size, frame, base);
    leaks_made_for_good(&before);
    mutex_unlock(&lock);
    return err;
}
