/* What a call costs when nobody waits: both ends in this domain, over a ring in its own memory, counted in ticks (under
   -icount one a instruction). */
#include <if/probe_server.h>
#include <skerry/bind.h>
#include <skerry/print.h>
#include <skerry/vspace.h>

#include "programs/rpc/rpc.h"

#define ROUNDS 1000
#define BURST 16

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

static err_t calls(uint64_t *ticks) {
    uint64_t sum, begin = time_now();
    for (uint64_t i = 0; i < ROUNDS; i++) {
        TRY(probe_call_add(&probe, i, 1, &sum));
    }
    *ticks = (time_now() - begin) / ROUNDS;
    return ERR_OK;
}

/* In bursts, then given way to until the server's end has taken all. */
static err_t messages(uint64_t *ticks) {
    uint64_t begin = time_now();
    for (unsigned i = 0; i < ROUNDS / BURST; i++) {
        for (unsigned n = 0; n < BURST; n++) {
            TRY(probe_send_note(&probe, n));
        }
        fibre_yield();
    }
    *ticks = (time_now() - begin) / (ROUNDS / BURST * BURST);
    return ERR_OK;
}

int cost(void) {
    static struct service service = {.interface = &probe_service};
    uint64_t call = 0, message = 0;
    err_t err = service_export(&service);
    if (err == ERR_OK) {
        err = connect();
    }
    if (err == ERR_OK) {
        err = calls(&call);
    }
    if (err == ERR_OK) {
        err = messages(&message);
    }
    printf("rpc cost: %s, a call and its answer %lu ticks, a message %lu ticks\n", err_name(err), call, message);
    return err == ERR_OK ? 0 : 1;
}
