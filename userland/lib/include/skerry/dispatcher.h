/* This domain's dispatcher: its frame, its upcalls and how it blocks.
   Upcalls run disabled on a small stack of their own: a message goes to the inbox, a notification stays in the frame's notify
   word, and the interrupted or blocked context is resumed, unless it is a thread that should give way. Page faults are
   answered there, too, by pagers that need not wait (region.h); these are the only application code in an upcall.
   Everything else happens in fibres and threads, which run enabled. */
#ifndef SKERRY_DISPATCHER_H
#define SKERRY_DISPATCHER_H

#include <skerry/base.h>

/* As the CPU driver delivered it. `slot` holds the capability that came along, CAP_NULL when none did. */
struct lrpc_message {
    uint64_t badge;
    uint64_t slot;
    uint64_t word[LRPC_WORDS];
};

static inline volatile struct dispatcher_frame *dispatcher_frame(void) {
    return (volatile struct dispatcher_frame *)USER_FRAME_VADDR;
}

/* Entered by crt on the upcall stack, disabled. */
void dispatcher_init(void);

/* No upcalls come between these two. */
void dispatcher_disable(void);
void dispatcher_enable(void);

/* Takes the oldest message out of the inbox. */
[[nodiscard]] bool dispatcher_take_message(struct lrpc_message *message);

/* Takes all pending notification bits. */
uint64_t dispatcher_take_notifications(void);

/* Blocks until a message, a notification or the deadline (a TSC value; 0: none). May return early. */
void dispatcher_wait(uint64_t deadline);

/* Makes an empty slot known for a capability that arrives by LRPC; false when enough are armed. */
bool dispatcher_arm_slot(capaddr_t slot);
bool dispatcher_wants_slot(void);

/* A message straight to an endpoint, without any waiting: OK, BUSY, PEER_DEAD or what is wrong with the arguments. */
[[nodiscard]] err_t dispatcher_send(capaddr_t endpoint, capaddr_t cap, const uint64_t word[LRPC_WORDS]);

/* Ends this dispatcher for good. */
NORETURN void dispatcher_end(void);

#endif
