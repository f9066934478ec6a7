/* Setting the two up. The other one offers a service; whoever binds to it has a frame in common with it, which the first domain
   cuts up: control channel, area, ring. */
#include "programs/bench/across.h"

#include <abi/stubs.h>
#include <skerry/bind.h>
#include <skerry/dispatcher.h>
#include <skerry/spawn.h>
#include <skerry/string.h>
#include <skerry/time.h>

#include "programs/bench/bench.h"

#define OTHER_SERVICE "bench-other"
#define CONTROL_SIZE PAGE_SIZE
#define FRAME_SIZE (CONTROL_SIZE + PAGE_SIZE + RING_SIZE)
#define OPEN_MS 20000

static struct bind_channel *bound;

static err_t open_control(struct across *across, void (*receive)(struct channel *, const struct urpc_message *)) {
    char *memory = bound->memory;
    struct channel_request request = {
        .frame = memory, .size = CONTROL_SIZE, .side = bound->side, .wake = bound->wake, .receive = receive};
    across->wake = bound->wake;
    across->area = (struct area *)(void *)(memory + CONTROL_SIZE);
    across->ring = memory + CONTROL_SIZE + PAGE_SIZE;
    return channel_open(&across->control, &request);
}

err_t across_open(struct across *across) {
    const char *const argv[] = {BENCH_NAME, BENCH_OTHER};
    struct spawn other = {.argv = argv, .argc = ARRAY_SIZE(argv), .core = dispatcher_frame()->core + 1};
    struct bind_request request = {OTHER_SERVICE, OPEN_MS, FRAME_SIZE};
    struct bind_result result;
    uint32_t domain;
    TRY(spawn_domain(&other, &domain));
    TRY(bind_to(&request, &result));
    if (result.kind != BIND_CHANNEL) {
        return ERR_UNSUPPORTED;
    }
    bound = result.channel;
    memset(bound->memory, 0, FRAME_SIZE);
    urpc_format(bound->memory, CONTROL_SIZE, (uint32_t[2]){0});
    TRY(open_control(across, NULL));
    across->area->ready = 1;
    return ERR_OK;
}

static err_t accept(struct bind_channel *channel) {
    if (bound != NULL || channel->size != FRAME_SIZE) {
        return ERR_BUSY;
    }
    bound = channel;
    return ERR_OK;
}

err_t across_join(struct across *across, void (*receive)(struct channel *, const struct urpc_message *)) {
    TRY(bind_export(OTHER_SERVICE, accept));
    uint64_t deadline = time_deadline(OPEN_MS);
    while (bound == NULL || ((const struct area *)((char *)bound->memory + CONTROL_SIZE))->ready != 1) {
        if (time_now() > deadline) {
            return ERR_TIMEOUT;
        }
        fibre_sleep_until(time_deadline(1));
    }
    return open_control(across, receive);
}

static err_t send(struct across *across, enum other_role role, uint64_t burst) {
    struct urpc_message message = {.type = (uint16_t)role, .words = 1, .word = {burst}};
    return channel_send(&across->control, &message, time_deadline(OPEN_MS));
}

static err_t role_await(const struct across *across, enum other_role role) {
    uint64_t deadline = time_deadline(OPEN_MS);
    while (across->area->role != role) {
        if (time_now() > deadline) {
            return ERR_TIMEOUT;
        }
        cpu_pause();
    }
    return ERR_OK;
}

err_t across_role(struct across *across, const struct other_request *request) {
    struct urpc_shape shape = {.slot = request->slot};
    memset(across->ring, 0, RING_SIZE);
    TRY(urpc_format_as(across->ring, RING_SIZE, &shape));
    across->area->leave = 0;
    TRY(send(across, request->role, request->burst));
    return role_await(across, request->role);
}

err_t across_leave(struct across *across, bool poke) {
    across->area->leave = 1;
    TRY(poke ? core_notify(across->wake.core) : send(across, OTHER_NONE, 0));
    return role_await(across, OTHER_NONE);
}

err_t across_close(struct across *across) {
    TRY(send(across, OTHER_END, 0));
    channel_close(&across->control);
    bind_release(bound);
    return ERR_OK;
}
