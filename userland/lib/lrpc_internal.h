/* Between lrpc.c (sending, calls), lrpc_server.c (clients, requests, answers) and what stands above them (binding.c, service.c).
   Word 0 of a message:  0-15 operation  16 LRPC_REPLY  17 LRPC_REFUSED  18 the monitor's  19 LRPC_LONG
                         20-31 the caller's number for this binding  32-63 its token */
#ifndef LIB_LRPC_INTERNAL_H
#define LIB_LRPC_INTERNAL_H

#include <skerry/lrpc.h>

#include "lib/calls.h"

/* A piece. Word 1: bits 0-31 a reply's error, 32-47 words of the whole, 48-63 the first of this piece. */
#define LRPC_LONG (1u << 19)
#define LRPC_LONG_WORD(total, offset) ((uint64_t)(total) << 32 | (uint64_t)(offset) << 48)
#define LRPC_LONG_TOTAL(word) ((uint32_t)((word) >> 32 & 0xffff))
#define LRPC_LONG_OFFSET(word) ((uint32_t)((word) >> 48))
#define LRPC_NUMBER_SHIFT 20
#define LRPC_NUMBER_MASK 0xfffu
#define LRPC_PIECE (LRPC_WORDS - 2) /* words of data in a piece, and in a reply */

struct pieces;

/* One binding of one client. It stays while requests of it are in work. */
struct lrpc_client {
    struct lrpc_client *next;
    uint64_t badge;
    uint16_t number;
    bool gone; /* no replies any more */
    capaddr_t endpoint;
    uint32_t requests; /* in work */
    struct pieces *pieces;
    void *context; /* service.c's */
};

/* What service.c has to do with it. None of these may wait. */
struct lrpc_hooks {
    uint32_t (*longest)(uint16_t operation);                           /* words of a request */
    bool (*notice)(struct lrpc_client *, const struct lrpc_request *); /* true: that was all there is to it */
    void (*gone)(struct lrpc_client *, err_t why);
};
extern struct lrpc_hooks lrpc_hooks;
extern uint32_t lrpc_client_requests; /* of a client in work at a time */

/* A slot that a capability came in, and has left or is to leave, goes back to the reserve first: else the next allocation could
   eat it up. */
void lrpc_slot_free(capaddr_t slot);
void lrpc_slot_release(capaddr_t slot);

/* The head of a request. */
uint64_t lrpc_head(const struct lrpc_binding *binding, uint16_t operation, uint32_t token);

void lrpc_server_take(const struct lrpc_message *message);
void lrpc_client_drop(struct lrpc_client *client, err_t why);

/* The words of a request, however it came. */
static inline const uint64_t *lrpc_request_words(const struct lrpc_request *request) {
    return request->whole != NULL ? request->word : request->payload;
}

/* A request in as many messages as it takes. */
struct lrpc_outgoing {
    capaddr_t endpoint;
    capaddr_t cap; /* goes with the first; CAP_NULL: none, or it has gone */
    bool had_cap;
    uint64_t head;   /* word 0, without LRPC_LONG */
    uint64_t second; /* lower half of word 1 of each piece: a reply's error */
    bool is_reply;
    const uint64_t *word;
    uint32_t words;
    uint64_t deadline;
};
[[nodiscard]] err_t lrpc_send_all(struct lrpc_outgoing *out);

/* Sends and waits until `wait` has an answer; again while the server refuses. Returns the call's error. */
[[nodiscard]] err_t lrpc_converse(struct lrpc_outgoing *request, struct call_wait *wait);

#endif
