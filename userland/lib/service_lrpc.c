/* Calls that come by LRPC. A client of the bare lrpc.h, which did not say what it knows of the interface, is taken for one of
   the service that its first request is for. */
#include <skerry/bind.h>
#include <skerry/slots.h>

#include "lib/lrpc_internal.h"
#include "lib/rpc.h"
#include "lib/service_internal.h"

struct lrpc_service_call {
    struct service_call call; /* first */
    const struct lrpc_request *request;
};

static void answer(const struct service_call *call, err_t err) {
    const struct lrpc_request *request = ((const struct lrpc_service_call *)(const void *)call)->request;
    struct lrpc_answer reply = {.error = err, .cap = call->reply_cap};
    if (err == ERR_OK) {
        reply.words = call->reply_words;
        reply.word = call->reply;
    }
    lrpc_reply(request, &reply);
}

static void attach(struct lrpc_client *lrpc, struct service_client *client) {
    client->transport = lrpc;
    lrpc->context = client;
}

static void serve_open(const struct lrpc_request *request) {
    struct lrpc_client *lrpc = request->client;
    struct service_client *client;
    err_t err = lrpc->context == NULL ? service_open(lrpc_request_words(request), request->badge, &client) : ERR_BUSY;
    if (err == ERR_OK && (lrpc->gone || lrpc->context != NULL)) {
        service_client_gone(client, ERR_PEER_DEAD); /* meanwhile */
        err = ERR_BUSY;
    }
    uint64_t base = 0;
    if (err == ERR_OK) {
        attach(lrpc, client);
        base = (uint64_t)client->service->index << RPC_NUMBER_BITS;
    }
    struct lrpc_answer reply = {.error = err, .words = 1, .word = &base};
    lrpc_reply(request, &reply);
}

static err_t client_of(const struct lrpc_request *request, struct service *service, struct service_client **client) {
    struct lrpc_client *lrpc = request->client;
    if (lrpc->context == NULL) {
        TRY(service_client_make(service, request->badge, client));
        if (lrpc->context != NULL || lrpc->gone) {
            service_client_gone(*client, ERR_PEER_DEAD);
            return ERR_BUSY;
        }
        attach(lrpc, *client);
    }
    *client = lrpc->context;
    return (*client)->service == service ? ERR_OK : ERR_UNSUPPORTED;
}

static void serve_bulk(const struct lrpc_request *request) {
    struct service_client *client = request->client->context;
    err_t err = client != NULL ? service_bulk(client, lrpc_request_words(request)[0], request->cap) : ERR_NOT_READY;
    if (client == NULL && request->cap != CAP_NULL) {
        slot_release(request->cap);
    }
    lrpc_reply_error(request, err);
}

static void serve(const struct lrpc_request *request) {
    if (request->operation == RPC_OPEN) {
        return serve_open(request);
    }
    if (RPC_NUMBER(request->operation) == RPC_BULK) {
        return serve_bulk(request);
    }
    struct service *service = service_at(RPC_INDEX(request->operation));
    const struct service_operation *operation =
        service != NULL ? service_operation_of(service, RPC_NUMBER(request->operation)) : NULL;
    struct lrpc_service_call call = {.request = request};
    err_t err = operation != NULL ? client_of(request, service, &call.call.client) : ERR_UNSUPPORTED;
    if (err != ERR_OK) {
        if (request->cap != CAP_NULL) {
            slot_release(request->cap);
        }
        return lrpc_reply_error(request, err);
    }
    call.call.request = lrpc_request_words(request);
    call.call.request_words = request->words;
    call.call.cap = request->cap;
    call.call.token = request->token;
    service_run(&call.call, operation, answer);
}

static bool notice(struct lrpc_client *client, const struct lrpc_request *request) {
    if (request->operation != RPC_CANCEL && request->operation != RPC_UNBIND) {
        return false;
    }
    if (request->cap != CAP_NULL) {
        slot_release(request->cap);
    }
    if (request->operation == RPC_UNBIND) {
        lrpc_client_drop(client, ERR_CANCELLED);
    } else if (client->context != NULL) {
        service_cancel(client->context, (uint32_t)request->payload[0]);
    }
    return true;
}

static void gone(struct lrpc_client *client, err_t why) {
    if (client->context != NULL) {
        service_client_gone(client->context, why);
        client->context = NULL;
    }
}

err_t service_lrpc_export(struct service *service) {
    lrpc_hooks = (struct lrpc_hooks){.longest = service_longest, .notice = notice, .gone = gone};
    lrpc_client_requests = MAX(lrpc_client_requests, service->calls);
    lrpc_serve(serve);
    return bind_export(service->name, service_accept);
}
