/* The first domain's side of the two. They exchange capabilities over an ordinary service and share a page; then the
   peer takes a role, and until that ends only what belongs to the role passes between them. */
#ifndef BENCH_PAIR_H
#define BENCH_PAIR_H

#include <skerry/lrpc.h>

#define PEER_SERVICE "bench-peer"
#define PEER_NOTIFY_BIT 5

enum peer_operation {
    PEER_SHARE = 1,    /* capability: frame of the shared page */
    PEER_REPLY_TO,     /* capability: endpoint that answers go to -> capability: endpoint of the peer */
    PEER_DISPATCHER,   /* capability: dispatcher to yield to -> capability: the peer's */
    PEER_NOTIFICATION, /* -> capability: notification of the peer */
    PEER_INTERRUPT,    /* the peer is to own line 0 */
    PEER_ROLE,         /* enum peer_role: taken after the answer */
    PEER_END           /* the peer ends, after the answer */
};

enum peer_role {
    ROLE_NONE,
    ROLE_STAMP,  /* answers each message, the time of its arrival in word 0 */
    ROLE_ANSWER, /* answers each message with its words */
    ROLE_WAIT,   /* waits for notifications, the time of its first instruction in `stamp` */
    ROLE_YIELD,  /* yields back, the time at which it goes on in `stamp` */
};

/* The shared page. */
struct shared {
    volatile uint64_t stamp;
    volatile uint64_t role;  /* that the peer is in */
    volatile uint64_t leave; /* it should end that role */
};

struct pair {
    struct lrpc_binding service;
    capaddr_t endpoint, dispatcher, notification; /* of the peer */
    struct shared *shared;
};

[[nodiscard]] err_t pair_open(struct pair *pair);
[[nodiscard]] err_t pair_close(struct pair *pair);

/* Have the timer's interrupt wake the peer, as the notification does. */
[[nodiscard]] err_t pair_interrupt(struct pair *pair);

/* Have the peer take a role, and end it. */
[[nodiscard]] err_t pair_role(struct pair *pair, enum peer_role role);
[[nodiscard]] err_t pair_leave(struct pair *pair);

#endif
