/* Messages between monitors: routed over a direct link, or by way of the home or its heir, and calls with tokens and deadlines.
   See userland/if/peer.h for the messages. */
#ifndef MONITOR_PEERS_H
#define MONITOR_PEERS_H

#include <if/peer.h>
#include <skerry/base.h>

struct link;

struct peer_message {
    coreid_t by; /* of a request that arrived, whose link it came by: the reply goes back the same way */
    uint16_t type;
    coreid_t from;
    coreid_t to;
    uint32_t token;
    uint64_t word[PEER_PAYLOAD];
};

struct peer_call {
    coreid_t to;
    uint16_t operation;
    bool probe;           /* also to a core that does not answer */
    uint64_t deadline_ms; /* 0: peer_deadline_ms() */
    uint64_t request[PEER_PAYLOAD];
    uint64_t reply[PEER_PAYLOAD - 1]; /* what follows the error */
};

/* Serves a request in a fibre of its own; `reply` is zeroed, and sent with the error returned. */
typedef err_t (*peer_server)(const struct peer_message *request, uint64_t reply[PEER_PAYLOAD - 1]);

[[nodiscard]] err_t peers_init(void);

/* Sends a request and waits: the reply's error, or TIMEOUT, or PEER_DEAD without trying when the core is silent. */
[[nodiscard]] err_t peer_call(struct peer_call *call);

/* One message that nobody answers. */
[[nodiscard]] err_t peer_post(const struct peer_message *message);

/* The core runs no more: calls to it end with PEER_DEAD, the link is closed. */
void peers_end(coreid_t core);

#endif
