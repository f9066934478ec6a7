/* Setting the two domains up. */
#include "programs/bench/pair.h"

#include <abi/stubs.h>
#include <skerry/domain.h>
#include <skerry/ram.h>
#include <skerry/slots.h>
#include <skerry/spawn.h>
#include <skerry/vspace.h>

#include "programs/bench/bench.h"

#define FIND_MS 5000
#define YIELDS_MAX 10000 /* until the peer has seen what it was asked */

static err_t peer_start(void) {
    static const char *const argv[] = {BENCH_NAME, BENCH_PEER};
    struct spawn spawn = {.argv = argv, .argc = ARRAY_SIZE(argv), .core = SPAWN_HERE};
    uint32_t domain;
    return spawn_domain(&spawn, &domain);
}

/* Give the peer `mine`, which is moved, and take what it gives. */
static err_t exchange(struct pair *pair, uint16_t operation, capaddr_t mine, capaddr_t *theirs) {
    struct lrpc_call call = {.operation = operation, .cap = mine};
    err_t err = lrpc_call(&pair->service, &call);
    if (theirs != NULL) {
        *theirs = call.reply_cap;
        err = err == ERR_OK && call.reply_cap == CAP_NULL ? ERR_FORMAT : err;
    }
    return err;
}

static err_t share_page(struct pair *pair) {
    struct vspace_request request = {.size = PAGE_SIZE, .flags = MAP_READ | MAP_WRITE};
    capaddr_t copy;
    void *at;
    TRY(ram_make(CAP_TYPE_FRAME, PAGE_SIZE, &request.cap, NULL));
    TRY(vspace_map(&request, &at, NULL));
    pair->shared = at;
    TRY(slot_copy(request.cap, &copy));
    return exchange(pair, PEER_SHARE, copy, NULL);
}

err_t pair_open(struct pair *pair) {
    capaddr_t cap;
    TRY(peer_start());
    TRY(domain_bind(PEER_SERVICE, FIND_MS, &pair->service));
    TRY(share_page(pair));
    TRY(lrpc_endpoint(0, RIGHT_WRITE | RIGHT_GRANT, &cap));
    TRY(exchange(pair, PEER_REPLY_TO, cap, &pair->endpoint));
    TRY(slot_copy(CAP_DISPATCHER, &cap));
    TRY(exchange(pair, PEER_DISPATCHER, cap, &pair->dispatcher));
    return exchange(pair, PEER_NOTIFICATION, CAP_NULL, &pair->notification);
}

err_t pair_close(struct pair *pair) {
    return exchange(pair, PEER_END, CAP_NULL, NULL);
}

err_t pair_interrupt(struct pair *pair) {
    return exchange(pair, PEER_INTERRUPT, CAP_NULL, NULL);
}

/* Let the peer run until it is in a role. */
static err_t role_await(const struct pair *pair, enum peer_role role) {
    for (unsigned i = 0; i < YIELDS_MAX; i++) {
        if (pair->shared->role == role) {
            return ERR_OK;
        }
        TRY(sys_yield(pair->dispatcher));
    }
    return ERR_TIMEOUT;
}

err_t pair_role(struct pair *pair, enum peer_role role) {
    struct lrpc_call call = {.operation = PEER_ROLE, .request = {role}};
    pair->shared->leave = 0;
    TRY(lrpc_call(&pair->service, &call));
    return role_await(pair, role);
}

err_t pair_leave(struct pair *pair) {
    pair->shared->leave = 1;
    TRY(notification_signal(pair->notification));
    return role_await(pair, ROLE_NONE);
}
