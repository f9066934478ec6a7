/* Calls to a service on the same core. */
#include <skerry/slots.h>
#include <skerry/time.h>

#include "lib/binding_internal.h"
#include "lib/lrpc_internal.h"
#include "lib/rpc.h"

#define NOTICE_MS 100

static struct lrpc_outgoing outgoing(const struct binding *binding, const struct binding_call *call, uint32_t token) {
    return (struct lrpc_outgoing){
        .endpoint = binding->lrpc.endpoint,
        .cap = call->cap,
        .head = lrpc_head(&binding->lrpc, binding->base + call->operation, token),
        .word = call->request,
        .words = call->request_words,
        .deadline = call->deadline,
    };
}

/* An endpoint goes with the service's memory: who calls later finds its own slot empty. */
static err_t as_told(const struct binding *binding, err_t err) {
    return err == ERR_CAP_EMPTY && lrpc_endpoint_gone(binding->lrpc.endpoint) ? ERR_PEER_DEAD : err;
}

static err_t converse(struct binding *binding, struct binding_call *call, struct call_wait *wait) {
    struct lrpc_outgoing request = outgoing(binding, call, wait->token);
    return as_told(binding, lrpc_converse(&request, wait));
}

static err_t send(struct binding *binding, struct binding_call *message) {
    struct lrpc_outgoing out = outgoing(binding, message, 0);
    return as_told(binding, lrpc_send_all(&out));
}

static void notify(const struct binding *binding, uint16_t number, uint64_t payload) {
    uint64_t word[LRPC_WORDS] = {lrpc_head(&binding->lrpc, number, 0), payload};
    (void)lrpc_send(binding->lrpc.endpoint, CAP_NULL, word, time_deadline(NOTICE_MS));
}

static void cancel(struct binding *binding, uint32_t token) {
    notify(binding, RPC_CANCEL, token);
}

/* The service forgets the endpoint that it answers to. */
static void close(struct binding *binding) {
    notify(binding, RPC_UNBIND, 0);
}

static void unbind(struct binding *binding) {
    close(binding);
    slot_release(binding->lrpc.endpoint);
}

const struct binding_transport binding_lrpc = {converse, send, cancel, unbind, close};
