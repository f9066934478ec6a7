/* A page to a service and back: as bytes of a call, and in bulk. The service is this domain's own, so that only what the stubs
   and the library do with the page is counted. */
#include <if/pages_client.h>
#include <if/pages_server.h>

#include "programs/bench/bench.h"

#define BIND_MS 1000

static struct binding binding;
static uint64_t page[PAGE_SIZE / sizeof(uint64_t)];

static void raise(uint64_t *to, const uint64_t *from, size_t size) {
    for (size_t i = 0; i < size / sizeof(uint64_t); i++) {
        to[i] = from[i] + 1;
    }
}

err_t pages_serve_copy(struct service_call *call, const void *data, size_t data_size, uint8_t raised[static 4096],
                       size_t *raised_size) {
    (void)call;
    raise((uint64_t *)(void *)raised, data, data_size);
    *raised_size = data_size;
    return ERR_OK;
}

err_t pages_serve_place(struct service_call *call, void *data, size_t data_size) {
    (void)call;
    raise(data, data, data_size);
    return ERR_OK;
}

static err_t connect(struct pair *pair) {
    static struct service service = {.interface = &pages_service};
    (void)pair;
    if (binding.kind != BINDING_NONE) {
        return ERR_OK;
    }
    TRY(service_export(&service));
    return pages_bind(&binding, BIND_MS);
}

static err_t copy_measure(struct pair *pair, uint64_t *ticks) {
    size_t size;
    (void)pair;
    uint64_t begin = stamp_begin();
    err_t err = pages_call_copy(&binding, page, sizeof(page), (uint8_t *)page, &size);
    *ticks = stamp_end() - begin;
    return err;
}

static err_t place_measure(struct pair *pair, uint64_t *ticks) {
    void *piece = binding_bulk_take(&binding, PAGE_SIZE);
    (void)pair;
    uint64_t begin = stamp_begin();
    err_t err = pages_call_place(&binding, piece, PAGE_SIZE);
    *ticks = stamp_end() - begin;
    binding_bulk_free(&binding, piece);
    return err;
}

static const struct path paths[] = {
    {"overhead", connect, suite_overhead, NULL},
    {"copy", connect, copy_measure, NULL},
    {"place", connect, place_measure, NULL},
};

const struct suite suite_pages = {"pages", paths, ARRAY_SIZE(paths), NULL, NULL};
