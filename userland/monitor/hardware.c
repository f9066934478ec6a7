/* On core 0 an LRPC to the domain; elsewhere a message to core 0's monitor, which makes that LRPC. Such a message is
   believed: monitors trust each other. */
#include "monitor/hardware.h"

#include <if/ioapic.h>
#include <if/monitor.h>
#include <if/pci.h>
#include <skerry/held.h>
#include <skerry/lrpc.h>
#include <skerry/slots.h>
#include <skerry/string.h>
#include <skerry/time.h>

#include "monitor/machine.h"
#include "monitor/names.h"

#define HARDWARE_CORE 0
#define APPEAR_MS 2000
#define CALL_MS 5000

static struct lrpc_binding bindings[2];

static err_t bind(enum hardware which) {
    static const char *const names[] = {[HARDWARE_IOAPIC] = IOAPIC_NAME, [HARDWARE_PCI] = PCI_NAME};
    struct name name = {{0}};
    capaddr_t endpoint;
    if (bindings[which].endpoint != CAP_NULL) {
        return ERR_OK;
    }
    memcpy(name.word, names[which], strlen(names[which]));
    TRY(names_find(&name, MONITOR_BADGE(this_core()), time_deadline(APPEAR_MS), &endpoint));
    err_t err = lrpc_bind(endpoint, &bindings[which]);
    if (err != ERR_OK) {
        slot_release(endpoint);
        return err;
    }
    held_for_good(1, 0);
    return ERR_OK;
}

static err_t call_here(struct hardware_call *call) {
    struct lrpc_call lrpc = {.operation = call->operation, .deadline_ms = CALL_MS};
    TRY(bind(call->which));
    memcpy(lrpc.request, call->request, sizeof(call->request));
    TRY(lrpc_call(&bindings[call->which], &lrpc));
    memcpy(call->reply, &lrpc.reply[1], sizeof(call->reply));
    return ERR_OK;
}

err_t hardware_call(struct hardware_call *call) {
    if (this_core() == HARDWARE_CORE) {
        return call_here(call);
    }
    struct peer_call peer = {.to = HARDWARE_CORE, .operation = PEER_HARDWARE};
    peer.request[0] = (uint64_t)call->which << 16 | call->operation;
    memcpy(&peer.request[1], call->request, sizeof(call->request));
    TRY(peer_call(&peer));
    memcpy(call->reply, peer.reply, sizeof(call->reply));
    return ERR_OK;
}

err_t hardware_serve(const struct peer_message *request, uint64_t reply[PEER_PAYLOAD - 1]) {
    struct hardware_call call = {.which = (enum hardware)(request->word[0] >> 16),
                                 .operation = (uint16_t)request->word[0]};
    if (this_core() != HARDWARE_CORE || request->word[0] >> 16 > HARDWARE_PCI) {
        return ERR_ARGUMENT;
    }
    memcpy(call.request, &request->word[1], sizeof(call.request));
    TRY(call_here(&call));
    memcpy(reply, call.reply, sizeof(call.reply));
    return ERR_OK;
}
