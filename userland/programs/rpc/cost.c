/* What a call costs when nobody waits: both ends in this domain, over a ring in its own memory, counted in ticks (under
   -icount one an instruction). */
#include <if/probe_server.h>
#include <skerry/bind.h>
#include <skerry/print.h>
#include <skerry/vspace.h>

#include "programs/rpc/rpc.h"

#define ROUNDS 1000
#define BURST 12 /* less than half the ring: acknowledgements ride on nothing here */

static struct binding probe;

static err_t connect(void) {
    static struct bind_channel ends[2];
    void *memory;
    TRY(vspace_pages(PAGE_SIZE, &memory));
    urpc_format(memory, PAGE_SIZE, (uint32_t[2]){0, 0});
    for (unsigned side = 0; side < 2; side++) {
        ends[side] = (struct bind_channel){.side = side, .memory = memory, .size = PAGE_SIZE};
    }
    TRY(channel_listen(CAP_NULL));
    TRY(service_accept(&ends[1]));
    return binding_open_channel(&probe, &probe_interface, &ends[0]);
}

/* A call and its answer, all of it: the caller waits, and whoever polls serves it. */
static err_t calls(uint64_t *ticks) {
    uint64_t sum, begin = time_now();
    for (uint64_t i = 0; i < ROUNDS; i++) {
        TRY(probe_call_add(&probe, i, 1, &sum));
    }
    *ticks = (time_now() - begin) / ROUNDS;
    return ERR_OK;
}

static err_t quick_calls(uint64_t *ticks) {
    uint64_t next, begin = time_now();
    for (uint64_t i = 0; i < ROUNDS; i++) {
        TRY(probe_call_quick(&probe, i, &next));
    }
    *ticks = (time_now() - begin) / ROUNDS;
    return ERR_OK;
}

/* From the stub to the server's function. */
static err_t messages(uint64_t *send, uint64_t *take) {
    uint64_t begin, middle;
    *send = *take = 0;
    for (unsigned i = 0; i < ROUNDS; i++) {
        begin = time_now();
        for (unsigned n = 0; n < BURST; n++) {
            TRY(probe_send_note(&probe, n));
        }
        middle = time_now();
        fibre_sleep_until(time_now() + 1);
        *take += time_now() - middle;
        *send += middle - begin;
    }
    *send /= ROUNDS * BURST;
    *take /= ROUNDS * BURST;
    return ERR_OK;
}

int cost(void) {
    static struct service service = {.interface = &probe_service};
    uint64_t call = 0, quick = 0, send = 0, take = 0;
    err_t err = service_export(&service);
    if (err == ERR_OK) {
        err = connect();
    }
    if (err == ERR_OK) {
        err = calls(&call);
    }
    if (err == ERR_OK) {
        err = quick_calls(&quick);
    }
    if (err == ERR_OK) {
        err = messages(&send, &take);
    }
    printf("rpc cost: %s, a call %lu, a quick call %lu, a message %lu + %lu ticks\n", err_name(err), call, quick, send,
           take);
    return err == ERR_OK ? 0 : 1;
}
