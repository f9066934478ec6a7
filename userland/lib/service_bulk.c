/* A server's side of bulk.h. */
#include <abi/stubs.h>
#include <skerry/bind.h>

#include "lib/lrpc_internal.h"
#include "lib/service_internal.h"

static void give_back(const struct service_client *client, capaddr_t cap) {
    if (client->bound != NULL && !client->gone) {
        (void)bind_return_cap(client->bound, cap);
    } else {
        lrpc_slot_release(cap);
    }
}

void service_bulk_drop(struct service_client *client) {
    if (client->bulk_frame != CAP_NULL) {
        (void)vspace_unmap(&client->bulk_mapping); /* fails where the memory was taken away already */
        give_back(client, client->bulk_frame);
        client->bulk = (struct bulk){0};
        client->bulk_frame = CAP_NULL;
    }
}

static err_t map(struct service_client *client, uint64_t size, capaddr_t cap) {
    struct vspace_request request = {.cap = cap, .size = size, .flags = MAP_READ | MAP_WRITE};
    uint64_t has;
    void *at;
    TRY(frame_identify(cap, NULL, &has));
    if (has != size) {
        return ERR_ARGUMENT;
    }
    TRY(vspace_map(&request, &at, &client->bulk_mapping));
    client->bulk = (struct bulk){at, size};
    client->bulk_frame = cap;
    return ERR_OK;
}

static err_t take_in(struct service_client *client, uint64_t pages, capaddr_t cap) {
    if (cap == CAP_NULL || pages != client->service->interface->bulk_pages || pages > BULK_PAGES_MAX) {
        return ERR_ARGUMENT;
    }
    return client->bulk_frame != CAP_NULL ? ERR_BUSY : map(client, pages * PAGE_SIZE, cap);
}

err_t service_bulk(struct service_client *client, uint64_t pages, capaddr_t cap) {
    err_t err = ERR_OK;
    client->users++;
    if (pages != 0) {
        err = take_in(client, pages, cap);
    }
    if (cap != CAP_NULL && client->bulk_frame != cap) {
        give_back(client, cap);
    }
    while (pages == 0 && client->calls != NULL) {
        (void)fibre_wait(&client->quiet, 0); /* they have been cancelled */
    }
    if (pages == 0) {
        service_bulk_drop(client);
    }
    service_client_leave(client);
    return err;
}
