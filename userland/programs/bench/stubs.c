/* Generated stubs over a channel when nobody waits: both ends in this domain, over a ring in its own memory. A message's way is
   its sender's stub, and what the receiver spends from one message's function to the next one's. */
#include <if/stubs_client.h>
#include <if/stubs_server.h>
#include <skerry/bind.h>
#include <skerry/vspace.h>

#include "programs/bench/bench.h"

#define BURST 12 /* well within the ring */

static struct binding binding;
static uint64_t stamps[2]; /* when the last two messages were in their function */
static uint8_t page[4096];

void stubs_take_note(struct service_call *call, uint64_t n) {
    (void)call, (void)n;
    stamps[0] = stamps[1];
    stamps[1] = time_now();
}

err_t stubs_serve_quick(struct service_call *call, uint64_t n, uint64_t *next) {
    (void)call;
    *next = n + 1;
    return ERR_OK;
}

err_t stubs_serve_call(struct service_call *call, uint64_t n, uint64_t *next) {
    (void)call;
    *next = n + 1;
    return ERR_OK;
}

err_t stubs_serve_page(struct service_call *call, const void *data, size_t data_size, uint8_t same[static 4096],
                       size_t *same_size) {
    (void)call;
    memcpy(same, data, data_size);
    *same_size = data_size;
    return ERR_OK;
}

static err_t connect(struct pair *pair) {
    static struct service service = {.interface = &stubs_service};
    static struct bind_channel ends[2];
    void *memory;
    (void)pair;
    if (binding.kind != BINDING_NONE) {
        return ERR_OK;
    }
    TRY(service_export(&service));
    TRY(vspace_pages(PAGE_SIZE, &memory));
    urpc_format(memory, PAGE_SIZE, (uint32_t[2]){0, 0});
    for (unsigned side = 0; side < 2; side++) {
        ends[side] = (struct bind_channel){.side = side, .memory = memory, .size = PAGE_SIZE};
    }
    TRY(channel_listen(CAP_NULL));
    TRY(service_accept(&ends[1]));
    return binding_open_channel(&binding, &stubs_interface, &ends[0]);
}

/* Until all that was sent is taken. */
static err_t settle(void) {
    uint64_t next;
    return stubs_call_call(&binding, 0, &next);
}

static err_t send_measure(struct pair *pair, uint64_t *ticks) {
    (void)pair;
    uint64_t begin = stamp_begin();
    err_t err = stubs_send_note(&binding, 1);
    *ticks = stamp_end() - begin;
    TRY(err);
    return settle();
}

/* The stamp inside the function is in it, as it is in `overhead`. */
static err_t take_measure(struct pair *pair, uint64_t *ticks) {
    (void)pair;
    for (uint64_t n = 0; n < BURST; n++) {
        TRY(stubs_send_note(&binding, n));
    }
    TRY(settle());
    *ticks = stamps[1] - stamps[0];
    return ERR_OK;
}

static err_t quick_measure(struct pair *pair, uint64_t *ticks) {
    uint64_t next;
    (void)pair;
    uint64_t begin = stamp_begin();
    err_t err = stubs_call_quick(&binding, 1, &next);
    *ticks = stamp_end() - begin;
    return err;
}

static err_t call_measure(struct pair *pair, uint64_t *ticks) {
    uint64_t next;
    (void)pair;
    uint64_t begin = stamp_begin();
    err_t err = stubs_call_call(&binding, 1, &next);
    *ticks = stamp_end() - begin;
    return err;
}

static err_t page_measure(struct pair *pair, uint64_t *ticks) {
    size_t size;
    (void)pair;
    uint64_t begin = stamp_begin();
    err_t err = stubs_call_page(&binding, page, sizeof(page), page, &size);
    *ticks = stamp_end() - begin;
    return err;
}

static const struct path paths[] = {
    {"overhead", connect, suite_overhead, NULL}, {"send", connect, send_measure, NULL},
    {"take", connect, take_measure, NULL},       {"quick-call", connect, quick_measure, NULL},
    {"call", connect, call_measure, NULL},       {"page", connect, page_measure, NULL},
};

const struct suite suite_stubs = {"stubs", paths, ARRAY_SIZE(paths), NULL, NULL};
