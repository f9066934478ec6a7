/* At home an LRPC to the domain; elsewhere a message to the home's monitor, which makes that LRPC. Such a message is
   believed: monitors trust each other. */
#include "monitor/hardware.h"

#include <if/ioapic_client.h>
#include <if/monitor.h>
#include <if/pci_client.h>
#include <skerry/held.h>
#include <skerry/slots.h>
#include <skerry/string.h>
#include <skerry/time.h>

#include "monitor/home.h"
#include "monitor/machine.h"
#include "monitor/names.h"
#include "monitor/owned.h"

#define APPEAR_MS 2000
#define CALL_MS 5000

static struct binding bindings[2];

static err_t bind(enum hardware which) {
    static const char *const names[] = {[HARDWARE_IOAPIC] = IOAPIC_SERVICE, [HARDWARE_PCI] = PCI_SERVICE};
    static const struct binding_interface *const interfaces[] = {[HARDWARE_IOAPIC] = &ioapic_interface,
                                                                 [HARDWARE_PCI] = &pci_interface};
    struct name name = {{0}};
    capaddr_t endpoint;
    if (bindings[which].kind != BINDING_NONE) {
        return ERR_OK;
    }
    memcpy(name.word, names[which], strlen(names[which]));
    TRY(names_find(&name, MONITOR_BADGE(this_core()), time_deadline(APPEAR_MS), &endpoint));
    err_t err = binding_open_endpoint(&bindings[which], interfaces[which], endpoint);
    if (err != ERR_OK) {
        slot_release(endpoint);
        return err;
    }
    held_for_good(1, 0);
    return ERR_OK;
}

static err_t call_here(struct hardware_call *call) {
    struct binding_call forward = {
        .operation = call->operation,
        .deadline = time_deadline(CALL_MS),
        .request = call->request,
        .request_words = ARRAY_SIZE(call->request),
        .reply = call->reply,
        .reply_room = ARRAY_SIZE(call->reply),
    };
    TRY(bind(call->which));
    return binding_call(&bindings[call->which], &forward);
}

err_t hardware_call(struct hardware_call *call) {
    if (is_home()) {
        return call_here(call);
    }
    struct peer_call peer = {.to = home(), .operation = PEER_HARDWARE};
    peer.request[0] = (uint64_t)call->which << 16 | call->operation;
    memcpy(&peer.request[1], call->request, sizeof(call->request));
    TRY(peer_call(&peer));
    memcpy(call->reply, peer.reply, sizeof(call->reply));
    return ERR_OK;
}

err_t hardware_serve(const struct peer_message *request, uint64_t reply[PEER_PAYLOAD - 1]) {
    struct hardware_call call = {.which = (enum hardware)(request->word[0] >> 16),
                                 .operation = (uint16_t)request->word[0]};
    if (!is_home() || request->word[0] >> 16 > HARDWARE_PCI) {
        return ERR_ARGUMENT;
    }
    memcpy(call.request, &request->word[1], sizeof(call.request));
    TRY(call_here(&call));
    owned_note(request->from, &call);
    memcpy(reply, call.reply, sizeof(call.reply));
    return ERR_OK;
}
