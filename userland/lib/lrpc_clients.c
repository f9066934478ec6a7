/* A server's clients: where replies to each go, under the badge that its messages come with. */
#include <abi/stubs.h>
#include <skerry/slots.h>

#include "lib/lrpc_internal.h"

#define CLIENTS 128

struct client {
    uint64_t badge;
    capaddr_t endpoint; /* CAP_NULL: this entry is free */
};

static struct client clients[CLIENTS];

static struct client *client_find(uint64_t badge) {
    for (unsigned i = 0; i < CLIENTS; i++) {
        if (clients[i].endpoint != CAP_NULL && clients[i].badge == badge) {
            return &clients[i];
        }
    }
    return NULL;
}

capaddr_t client_endpoint(uint64_t badge) {
    const struct client *client = client_find(badge);
    return client != NULL ? client->endpoint : CAP_NULL;
}

/* An endpoint goes with its dispatcher's memory, wherever its capabilities lie. */
bool lrpc_endpoint_gone(capaddr_t endpoint) {
    capaddr_t slot;
    if (slot_alloc(&slot) != ERR_OK) {
        return false;
    }
    err_t err = cap_copy(endpoint, slot_word(slot));
    slot_release(slot);
    return err == ERR_CAP_EMPTY;
}

bool lrpc_client_gone(uint64_t badge) {
    const struct client *client = client_find(badge);
    return client == NULL || lrpc_endpoint_gone(client->endpoint);
}

void lrpc_forget(uint64_t badge) {
    struct client *client = client_find(badge);
    if (client == NULL) {
        return;
    }
    slot_release(client->endpoint);
    client->endpoint = CAP_NULL;
    lrpc_calls_abandon(badge);
}

static bool client_put(uint64_t badge, capaddr_t endpoint) {
    for (unsigned i = 0; i < CLIENTS; i++) {
        if (clients[i].endpoint != CAP_NULL) {
            continue;
        }
        clients[i] = (struct client){.badge = badge, .endpoint = endpoint};
        return true;
    }
    return false;
}

/* Nobody tells a server that a client has ended; it looks when the table is full. */
bool client_add(uint64_t badge, capaddr_t endpoint) {
    lrpc_forget(badge);
    if (client_put(badge, endpoint)) {
        return true;
    }
    for (unsigned i = 0; i < CLIENTS; i++) {
        if (lrpc_endpoint_gone(clients[i].endpoint)) {
            lrpc_forget(clients[i].badge);
        }
    }
    return client_put(badge, endpoint);
}
