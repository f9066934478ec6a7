/* A client's bulk: one frame, divided by whole pages. A set bit of `used` is a page in a piece, of `last` a piece's last page. */
#include <skerry/bind.h>
#include <skerry/heap.h>
#include <skerry/ram.h>
#include <skerry/service.h>
#include <skerry/slots.h>
#include <skerry/time.h>
#include <skerry/vspace.h>

#include "lib/binding_internal.h"
#include "lib/rpc.h"

#define SHARE_MS 5000

struct bulk_pool {
    struct bulk bulk; /* first */
    uint64_t used, last;
    capaddr_t frame;
    struct ram_block block;
    struct vspace_mapping mapping;
};
_Static_assert(BULK_PAGES_MAX <= 64, "a bit a page");

const struct bulk *binding_bulk(const struct binding *binding) {
    static const struct bulk none;
    return binding->bulk != NULL ? &binding->bulk->bulk : &none;
}

/* Pieces */

static uint64_t pages_from(unsigned first, uint64_t count) {
    return (count == 64 ? ~0ul : (1ul << count) - 1) << first;
}

void *binding_bulk_take(struct binding *binding, size_t size) {
    PINNED();
    struct bulk_pool *pool = binding->bulk;
    uint64_t pages = pool != NULL ? pool->bulk.size / PAGE_SIZE : 0,
             count = MAX((size + PAGE_SIZE - 1) / PAGE_SIZE, 1ul);
    for (unsigned first = 0; count <= pages && first <= pages - count; first++) {
        uint64_t piece = pages_from(first, count);
        if ((pool->used & piece) == 0) {
            pool->used |= piece;
            pool->last |= 1ul << (first + count - 1);
            return pool->bulk.at + first * PAGE_SIZE;
        }
    }
    return NULL;
}

void binding_bulk_free(struct binding *binding, const void *piece) {
    PINNED();
    struct bulk_pool *pool = binding->bulk;
    uint64_t page = pool != NULL ? (uint64_t)((const char *)piece - pool->bulk.at) / PAGE_SIZE : 0;
    if (pool == NULL || page >= pool->bulk.size / PAGE_SIZE) {
        return;
    }
    for (uint64_t bit = 1ul << page; (pool->used & bit) != 0; bit <<= 1) {
        pool->used &= ~bit;
        if ((pool->last & bit) != 0) {
            pool->last &= ~bit;
            return;
        }
    }
}

/* The memory */

static err_t make(uint64_t size, struct bulk_pool *pool) {
    struct vspace_request map = {.size = size, .flags = MAP_READ | MAP_WRITE};
    void *at;
    TRY(ram_make(CAP_TYPE_FRAME, size, &pool->frame, &pool->block));
    map.cap = pool->frame;
    err_t err = vspace_map(&map, &at, &pool->mapping);
    if (err != ERR_OK) {
        slot_release(pool->frame);
        ram_free(&pool->block);
        return err;
    }
    pool->bulk = (struct bulk){at, size};
    return ERR_OK;
}

/* The service has let go of it, or loses it now. */
static void end(struct bulk_pool *pool) {
    (void)vspace_unmap(&pool->mapping);
    (void)bind_revoke_cap(pool->frame);
    slot_release(pool->frame);
    ram_free(&pool->block);
    free(pool);
}

static err_t tell(struct binding *binding, uint64_t pages, capaddr_t cap) {
    struct binding_call call = {
        .operation = RPC_BULK,
        .cap = cap,
        .deadline = time_deadline(SHARE_MS),
        .request = &pages,
        .request_words = 1,
    };
    err_t err = binding_call(binding, &call);
    if (call.cap != CAP_NULL) {
        slot_release(call.cap);
    }
    return err;
}

static err_t share(struct binding *binding, const struct bulk_pool *pool) {
    capaddr_t copy;
    if (binding->kind == BINDING_LOCAL) {
        binding->local->bulk = pool->bulk;
        return ERR_OK;
    }
    TRY(slot_mint(pool->frame, RIGHT_READ | RIGHT_WRITE | RIGHT_GRANT, 0, &copy));
    return tell(binding, binding->interface->bulk_pages, copy);
}

err_t bulk_open(struct binding *binding) {
    struct bulk_pool *pool = calloc(1, sizeof(*pool));
    err_t err = pool != NULL ? make(binding->interface->bulk_pages * PAGE_SIZE, pool) : ERR_NO_MEMORY;
    if (err != ERR_OK) {
        free(pool);
        return err;
    }
    err = share(binding, pool);
    if (err != ERR_OK) {
        end(pool);
        return err;
    }
    binding->bulk = pool;
    return ERR_OK;
}

void bulk_withdraw(struct binding *binding) {
    if (binding->kind == BINDING_LOCAL) {
        binding->local->bulk = (struct bulk){0};
    } else {
        (void)tell(binding, 0, CAP_NULL);
    }
}

void bulk_close(struct binding *binding) {
    struct bulk_pool *pool = binding->bulk;
    binding->bulk = NULL;
    if (pool != NULL) {
        end(pool);
    }
}
