/* Messages: random ones, as many as go, and with capabilities that do the receiver no good. */
#include <if/monitor.h>
#include <if/serial.h>
#include <skerry/domain.h>
#include <skerry/lrpc.h>
#include <skerry/ram.h>
#include <skerry/slots.h>
#include <skerry/string.h>
#include <skerry/time.h>

#include "programs/hostile/hostile.h"

#define FLOOD_MS 400
#define BAD_CAPS 500

/* Own ends are no attack, and a text on the console confuses whoever reads it. */
static bool is_harmful(uint16_t operation) {
    return operation != MONITOR_EXIT && operation != MONITOR_FAULT && operation != MONITOR_CONSOLE &&
           operation != MONITOR_SPAWN;
}

static uint64_t flood(capaddr_t endpoint, bool serial) {
    uint64_t end = time_deadline(FLOOD_MS), sent = 0;
    while (time_now() < end) {
        uint16_t operation = (uint16_t)(one_in(16) ? random_next() : random_next() % (MONITOR_OPERATIONS + 2));
        if (serial ? operation == SERIAL_WRITE : !is_harmful(operation)) {
            continue;
        }
        uint64_t word[LRPC_WORDS] = {operation | (one_in(16) ? LRPC_REPLY : 0) | random_next() << 32};
        for (unsigned i = 1; i < LRPC_WORDS; i++) {
            word[i] = one_in(2) ? random_next() % 8 : odd_address();
        }
        err_t err = dispatcher_send(endpoint, CAP_NULL, word);
        must_hold("a message is neither taken nor refused", err == ERR_OK || err == ERR_BUSY);
        sent += err == ERR_OK;
        if (err == ERR_BUSY) {
            (void)sys_yield(CAP_NULL);
        }
    }
    return sent;
}

/* What it asked for is in work when it ends, and it has nobody left who would print for it: reported before. */
static NORETURN void flood_and_exit(capaddr_t endpoint, bool serial) {
    report();
    must_hold("no message was taken", flood(endpoint, serial) > 0);
    dispatcher_frame()->lrpc_accept = 0; /* now answers cannot be delivered */
    must_hold("no message was taken", flood(endpoint, serial) > 0);
    exit(escapes == 0 ? 0 : 2);
}

void case_flood_monitor(void) {
    struct lrpc_binding monitor;
    need("the monitor", domain_monitor(&monitor));
    struct lrpc_call crash = {.operation = MONITOR_CRASH};
    must_answer("crash a core", lrpc_call(&monitor, &crash), ERR_CAP_RIGHTS);
    struct lrpc_call poweroff = {.operation = MONITOR_POWEROFF, .request = {GUEST_EXIT_SUCCESS}};
    must_answer("power off", lrpc_call(&monitor, &poweroff), ERR_CAP_RIGHTS);
    flood_and_exit(CAP_MONITOR, false);
}

/* On other cores there is no serial domain: nothing to flood. */
void case_flood_serial(void) {
    struct lrpc_binding serial;
    if (domain_bind(SERIAL_SERVICE, 0, &serial) == ERR_OK) {
        flood_and_exit(serial.endpoint, true);
    }
}

/* Each goes with a hello, as the endpoint to answer to, or with an export, as a service. */
void case_bad_caps(void) {
    capaddr_t name_cap = need_slot();
    for (unsigned i = 0; i < BAD_CAPS; i++) {
        static const unsigned types[] = {CAP_TYPE_FRAME, CAP_TYPE_CNODE, CAP_TYPE_RAM, CAP_TYPE_VNODE_L1,
                                         CAP_TYPE_DISPATCHER};
        struct ram_block block;
        capaddr_t cap;
        need("memory", ram_make(types[random_next() % ARRAY_SIZE(types)], PAGE_SIZE, &cap, &block));
        uint64_t word[LRPC_WORDS] = {one_in(2) ? MONITOR_EXPORT : MONITOR_OPERATIONS + random_next() % 4};
        word[1] = random_next();
        err_t err = dispatcher_send(CAP_MONITOR, cap, word);
        must_hold("a capability is neither taken nor refused", err == ERR_OK || err == ERR_BUSY);
        if (err == ERR_OK) {
            must_answer("a capability that was sent is still here", cap_delete(cap), ERR_CAP_EMPTY);
            slot_free(cap);
        } else {
            slot_release(cap);
        }
        (void)sys_yield(CAP_NULL);
        if (ram_retype(&block, CAP_TYPE_FRAME, &cap) == ERR_OK) { /* the monitor may still have it */
            slot_release(cap);
            ram_free(&block);
        }
    }
    uint64_t word[LRPC_WORDS] = {MONITOR_EXPORT, 1};
    must_answer("a capability without GRANT is sent", dispatcher_send(CAP_MONITOR, CAP_MONITOR, word), ERR_CAP_RIGHTS);
    must_answer("nothing is sent", dispatcher_send(CAP_MONITOR, name_cap, word), ERR_CAP_EMPTY);
    need("the root CNode's capability goes", dispatcher_send(CAP_MONITOR, CAP_ROOT_CNODE, word));
    must_answer("its slot is empty", cap_delete(CAP_ROOT_CNODE), ERR_CAP_EMPTY);
}
