/* Calls between domains of one core, over LRPC. What most want is a typed interface: binding.h, service.h.
   Word 0 of a message: bits 0-15 operation, bit 16 set in a reply, bit 17 in one that says "not now, ask again", bits 20-31
   the client's number for the binding, 32-63 the caller's token; nine words of payload. A reply's word 1 is the error. A
   server works on at most LRPC_CLIENT_REQUESTS requests of a client's binding at a time, so that one client cannot use up its
   fibres. A reply is an LRPC to the endpoint that the client sent with its hello; a client knows its servers by the badge that
   it gave each of those endpoints, a server knows its clients by the badge on its own. The first have LRPC_BINDING set, the
   second, domain numbers, have not, so that what a server sends of its own accord is never taken for a client's request. */
#ifndef SKERRY_LRPC_H
#define SKERRY_LRPC_H

#include <skerry/dispatcher.h>

#define LRPC_PAYLOAD (LRPC_WORDS - 1)
#define LRPC_PAYLOAD_BYTES (LRPC_PAYLOAD * 8)
#define LRPC_REPLY (1u << 16)
#define LRPC_REFUSED (1u << 17)
#define LRPC_CLIENT_REQUESTS 16
#define LRPC_BINDING (1u << 31) /* in the badge of a reply endpoint */
#define LRPC_OP_HELLO 0         /* every service's first message: moves the client's reply endpoint */

/* A client's end. */
struct lrpc_binding {
    capaddr_t endpoint; /* of the server */
    uint32_t badge;     /* that replies from this server come with */
};

struct lrpc_call {
    uint16_t operation;
    capaddr_t cap;        /* moved along; CAP_NULL: none, or it has gone */
    uint64_t deadline_ms; /* 0: LRPC_DEADLINE_MS */
    uint64_t request[LRPC_PAYLOAD];
    uint64_t reply[LRPC_PAYLOAD]; /* reply[0] is the error */
    capaddr_t reply_cap;          /* came with the reply; the caller's now */
};

#define LRPC_DEADLINE_MS 20000

/* Replies a server may leave out (it keeps the message and answers later with lrpc_reply). */
struct lrpc_request {
    uint64_t badge;
    struct lrpc_client *client; /* the library's; valid until the request's fibre ends */
    uint16_t operation;
    uint16_t number; /* the client's for this binding */
    uint32_t token;
    capaddr_t cap;
    uint32_t words;
    const uint64_t *word; /* of a request of several messages; the library's, like `whole` */
    void *whole;
    uint64_t payload[LRPC_PAYLOAD]; /* of one in one message */
};

/* An answer: `words` follow the error, more than LRPC_PAYLOAD - 1 only to a typed client; a capability may be moved. */
struct lrpc_answer {
    err_t error;
    uint32_t words;
    const uint64_t *word;
    capaddr_t cap;
};

void lrpc_init(void);

/* Sends the hello. The endpoint stays the caller's to release on failure. */
[[nodiscard]] err_t lrpc_bind(capaddr_t endpoint, struct lrpc_binding *binding);

/* Sends, waits for the reply, returns its error; TIMEOUT and PEER_DEAD are the transport's. */
[[nodiscard]] err_t lrpc_call(const struct lrpc_binding *binding, struct lrpc_call *call);

/* One message without a reply, waiting while the receiver is busy. */
[[nodiscard]] err_t lrpc_send(capaddr_t endpoint, capaddr_t cap, const uint64_t word[LRPC_WORDS], uint64_t deadline);

/* From now on each request runs `serve` in a fibre of its own. Hellos are answered by the library. */
void lrpc_serve(void (*serve)(const struct lrpc_request *request));

/* The same for what the server of this binding asks its client, over the endpoint meant for replies. */
void lrpc_serve_binding(const struct lrpc_binding *binding, void (*serve)(const struct lrpc_request *request));
void lrpc_reply_binding(const struct lrpc_request *request, const struct lrpc_answer *answer);

/* A server's way to ask a client that has said hello; it fails with PEER_DEAD when the client is forgotten meanwhile. */
[[nodiscard]] err_t lrpc_client_call(uint64_t badge, struct lrpc_call *call);

/* A request of this operation (below 64) is always taken, however many its sender has in work. */
void lrpc_serve_always(unsigned operation);

/* Answers a request. */
void lrpc_reply(const struct lrpc_request *request, const struct lrpc_answer *answer);
void lrpc_reply_error(const struct lrpc_request *request, err_t error);

/* True if whoever is behind an endpoint, which may be copied, has ended. */
[[nodiscard]] bool lrpc_endpoint_gone(capaddr_t endpoint);

/* Some domain of this core that offered a name has ended: calls to it return PEER_DEAD. */
void lrpc_server_ended(void);

/* True if a client has ended, or was never here. */
[[nodiscard]] bool lrpc_client_gone(uint64_t badge);

/* Forgets a client: its reply endpoint is deleted. */
void lrpc_forget(uint64_t badge);

/* A new endpoint of this domain in a new slot; badge 0 leaves it without one. */
[[nodiscard]] err_t lrpc_endpoint(uint64_t badge, unsigned rights, capaddr_t *endpoint);

#endif
