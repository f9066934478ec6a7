/* A client's end of a service. Interfaces (userland/if) generate a bind function and a stub for each call; this is what is
   under them. Bound to a service on the same core a call is an LRPC, else it crosses a channel; the stubs are the same.

   Life: NAME_bind, calls by any number of fibres at once, binding_unbind. When the service, its core or the channel ends,
   all calls in progress return PEER_DEAD, so does every later one, and `ended` is called.

   Besides its own errors every call returns:  TIMEOUT    its deadline passed; the server is told that nobody waits any more
                                               CANCELLED  binding_cancel or binding_unbind in another fibre
                                               PEER_DEAD  the service is gone
                                               FORMAT     the answer is not what the interface says
                                               ARGUMENT   an argument is longer or larger than the interface allows
                                               BUSY       the service has its fill of this client's requests, and a
                                                          capability that went with this one found no way back
                                               NO_MEMORY  for a long message, or too many calls at once
   A capability in a call is moved when the call succeeds, and stays the caller's when not. Over a channel it must be one
   for memory of this core, and what arrives is lent until the channel ends: see bind_send_cap for the errors. */
#ifndef SKERRY_BINDING_H
#define SKERRY_BINDING_H

#include <skerry/bulk.h>
#include <skerry/channel.h>
#include <skerry/lrpc.h>

/* What both sides must agree on before anything else. */
struct binding_interface {
    const char *service;
    uint32_t version;
    uint32_t channel_pages; /* of a channel's frame, half of which is each way's ring; 0: the usual one */
    uint32_t bulk_pages;    /* that the client shares with the service; 0: none */
    uint64_t hash;
};

enum binding_kind { BINDING_NONE, BINDING_LRPC, BINDING_URPC, BINDING_LOCAL }; /* the last: to itself */

struct bind_channel;
struct bulk_pool;
struct call_wait;
struct service_client;

/* Zeroed before NAME_bind, or left from an earlier one. */
struct binding {
    struct channel channel; /* first; of BINDING_URPC */
    const struct binding_interface *interface;
    enum binding_kind kind;
    err_t why;                                         /* of its end; OK while there is none */
    void *context;                                     /* its user's, with `ended` */
    void (*ended)(struct binding *binding, err_t why); /* in a fibre; set after binding. May be NULL */
    /* The library's. */
    bool fast; /* messages may be put straight into lines of the channel */
    struct lrpc_binding lrpc;
    struct bind_channel *bound;
    struct service_client *local;
    struct bulk_pool *bulk;
    uint32_t caps_sent;      /* the last one's number, of BINDING_URPC */
    uint16_t base;           /* of the operation numbers that the service has in its domain */
    struct call_wait *calls; /* in progress */
};

/* Finds the service by name, the nearest, or with NAME@CORE the one on that core, and binds to it. NOT_FOUND: nobody offered it in time; FORMAT: it has another version of the
   interface. */
[[nodiscard]] err_t binding_open(struct binding *binding, const struct binding_interface *interface, const char *name,
                                 uint64_t wait_ms);

/* The same as binding_open to an endpoint that one has; it stays the caller's on failure. */
[[nodiscard]] err_t binding_open_endpoint(struct binding *binding, const struct binding_interface *interface,
                                          capaddr_t endpoint);

/* The same over a channel whose memory is mapped and formatted and whose other end a server has accepted; it stays the
   caller's on failure. */
[[nodiscard]] err_t binding_open_channel(struct binding *binding, const struct binding_interface *interface,
                                         struct bind_channel *channel);

/* Ends all calls in progress, with CANCELLED. */
void binding_cancel(struct binding *binding);

/* The same, and no call is possible any more; the service is told. The bulk is gone with all pieces: of a binding that ended by
   itself, too, so one with bulk is unbound in any case. */
void binding_unbind(struct binding *binding);

/* The client is done with a capability that came with an answer, as service_give_back. */
void binding_give_back(struct binding *binding, capaddr_t cap);

/* A piece of the bulk that the interface shares, page-aligned, the caller's until it frees it or unbinds; NULL: no run of so many
   pages is free. What is in it stays from piece to piece. */
void *binding_bulk_take(struct binding *binding, size_t size);
void binding_bulk_free(struct binding *binding, const void *piece);

/* For the generated stubs. */
struct binding_call {
    uint16_t operation;
    capaddr_t cap;     /* moved along; CAP_NULL: none */
    uint64_t deadline; /* TSC */
    const uint64_t *request;
    uint32_t request_words;
    uint32_t reply_room;
    uint64_t *reply;
    uint32_t reply_words;
    capaddr_t reply_cap; /* the caller's now */
};
[[nodiscard]] err_t binding_call(struct binding *binding, struct binding_call *call);
[[nodiscard]] err_t binding_send(struct binding *binding, struct binding_call *message);

const struct bulk *binding_bulk(const struct binding *binding);

/* A line for a message of a few numbers, from the third word on; NULL: take the long way. Nobody else runs until it is sent. */
static inline uint64_t *binding_slot(struct binding *binding) {
    fibre_pin();
    uint64_t *slot = binding->fast ? urpc_slot(&binding->channel.urpc) : NULL;
    if (slot == NULL) {
        fibre_unpin();
    }
    return slot;
}

[[nodiscard]] static inline err_t binding_slot_send(struct binding *binding, uint64_t *slot, uint16_t operation,
                                                    unsigned words) {
    urpc_slot_send(&binding->channel.urpc, slot, URPC_HEADER((uint64_t)operation | words << 8, 1 + words));
    fibre_unpin();
    return ERR_OK;
}

/* The answer is not what the interface says: drops a capability that came with it. FORMAT. */
[[nodiscard]] err_t binding_refuse(const struct binding_call *call);

#endif
