/* What the files behind lrpc.h share. */
#ifndef LIB_LRPC_INTERNAL_H
#define LIB_LRPC_INTERNAL_H

#include <skerry/lrpc.h>

/* Where replies to a client go; CAP_NULL: it has not said hello, or has been forgotten. */
capaddr_t client_endpoint(uint64_t badge);

/* A hello. False: no room. */
bool client_add(uint64_t badge, capaddr_t endpoint);

/* Who waits for an answer with that badge need not wait any longer. */
void lrpc_calls_abandon(uint64_t badge);

#endif
