/*
 * LRPC: a one-way message to a dispatcher on this core, as registers, with a directed switch.
 *
 * The message never touches memory: the words stay in the registers in which the sender left them, and the receiver
 * starts at its lrpc entry with the sender's badge. The CPU driver queues nothing: a receiver that is disabled, or
 * does not accept, makes the call fail with ERR_BUSY, and the sender's notify bit NOTIFY_LRPC_RETRY is set when it may
 * try again. A reply is a second LRPC. (The Multikernel, 4.3; Bershad et al., Lightweight RPC)
 */
#pragma once

#include "core/base.h"

/* At start: this core, and whether the fast path may be used (it needs FSGSBASE). */
void lrpc_init(coreid_t core, bool fast);

/* May it be used from now on? It traces nothing. */
void lrpc_fast_allow(bool allowed);

/* The fast path's (x86_64/lrpc_fast.S). */
extern uint64_t lrpc_cnode_mask, lrpc_cnode_head, lrpc_endpoint_mask, lrpc_endpoint_head;
extern bool lrpc_fast_allowed;

/*
 * Send the message in the current user context to `endpoint`, moving `cap` (or CAP_NULL) along. On success the
 * receiver is current and its context set up; the sender is runnable and finds ERR_OK.
 * ERR_CAP_*: bad endpoint or capability; ERR_PEER_DEAD; ERR_BUSY.
 */
[[nodiscard]] err_t lrpc_send(uint64_t endpoint, uint64_t cap);
