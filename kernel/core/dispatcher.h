/*
 * A dispatcher: what the CPU driver schedules, upcalls and protects.
 *
 * Life: retype makes it NEW; setup gives it its capability space, address space and shared frame; run makes it
 * RUNNABLE; stop, or the loss of one of the three, makes it STOPPED for good. The CPU driver never runs a thread: it
 * enters a dispatcher by an upcall, or resumes it in the middle of the disabled section in which it was interrupted.
 *
 * The object fills a page of pool memory. The three capabilities it holds are ordinary capabilities in slots inside
 * the object, so revoking the CNode, table or frame empties them, which stops the dispatcher.
 */
#pragma once

#include "cap/cspace.h"
#include "core/runqueue.h"
#include "x86_64/fpu.h"

enum dispatcher_slot { SLOT_CSPACE, SLOT_VSPACE, SLOT_FRAME, DISPATCHER_SLOTS };

struct dispatcher {
    struct cte slots[DISPATCHER_SLOTS];
    struct dispatcher_frame *frame; /* the shared frame, through the direct map */
    vaddr_t frame_vaddr;            /* the same for the domain */
    uint32_t state;                 /* enum dispatcher_state of the contract */
    bool resume_disabled;           /* interrupted while disabled: continue from the disabled area, no upcall */
    bool fault_open;                /* a fault-while-disabled upcall has not been answered by enabling */

    struct task task;       /* the scheduler's */
    struct heap_node timer; /* while blocked with a deadline */

    struct dispatcher *waiters;     /* senders that were told BUSY */
    struct dispatcher *waiter_next; /* in the waiters of waiting_for */
    struct dispatcher *waiting_for;

    uint64_t ticks; /* charged to it: what it ran, and what others ran for it by LRPC */
    uint64_t upcalls, faults;
    char name[17];
    uint32_t traced; /* the round of tracing in which its name was last recorded */

    struct fpu fpu;
};
_Static_assert(sizeof(struct dispatcher) <= DISPATCHER_SIZE, "a dispatcher fits its object");

/* The dispatcher that user space runs, or ran last; NULL when none is left. */
extern struct dispatcher *dispatcher_current;

/* Whose FPU state is in the registers: the current dispatcher, or when idle the last one. */
extern struct dispatcher *dispatcher_fpu_owner;

/* The object behind a DISPATCHER, ENDPOINT or NOTIFICATION capability. */
struct dispatcher *dispatcher_of(const struct cap *cap);

/* Its capability space; empty when its root CNode is gone. */
static inline struct cspace dispatcher_space(const struct dispatcher *d) {
    return cspace_of(&d->slots[SLOT_CSPACE]);
}

/* The three capabilities are in place: fill in the frame, which the domain maps at `frame_vaddr`. */
void dispatcher_attach(struct dispatcher *d, vaddr_t frame_vaddr);

/* Name it, for logs: two words, 16 bytes, printable characters only. */
void dispatcher_name(struct dispatcher *d, const uint64_t name[2]);

/* All three capabilities are still there. */
bool dispatcher_intact(const struct dispatcher *d);

/* The current dispatcher is in a disabled section. */
bool dispatcher_disabled(void);

/* Put the current dispatcher's context into its frame. The caller decides what happens to it then. */
void dispatcher_save(void);

/* Make `d`, saved before or blocked, current and load its context: an upcall, or the disabled section. */
void dispatcher_enter(struct dispatcher *d);

/* Do others wait for the core that `d` is about to be given? For its library: whether polling takes from them. */
static inline void dispatcher_contended(struct dispatcher *d, bool contended) {
    d->frame->contended = contended;
}

/* The second half of that, for the current dispatcher. */
void dispatcher_resume(void);

/* Make `d` current without loading anything; the caller has set up, or will, the user context. */
void dispatcher_switch(struct dispatcher *d);

/* Prepare an upcall of the current dispatcher. Its context has been saved or is not needed. */
void dispatcher_upcall(vaddr_t entry, enum trace_upcall which);

/* The current dispatcher faulted: upcall it, or stop it when it cannot take that. */
void dispatcher_fault(unsigned kind, unsigned vector, uint64_t error, vaddr_t address);

/* Set a notification bit. The dispatcher becomes runnable if it was blocked. */
void dispatcher_notify(struct dispatcher *d, unsigned bit);

/* The same, asked for by the current dispatcher in an invocation: one that was blocked runs next, in the way of an LRPC. */
void dispatcher_signal(struct dispatcher *d, unsigned bit);

/* The one that is told, by NOTIFY_STOPPED, when another has stopped; and whatever else the CPU driver has to tell it. */
void dispatcher_watch_by(struct dispatcher *monitor);
void dispatcher_tell_monitor(unsigned bit);

/* Whose weight an operation gives or takes (schedule.h): the current one's; NULL when that is the monitor. */
struct dispatcher *dispatcher_giver(void);

/* End it. If it is the current one, the caller must schedule another. */
void dispatcher_stop(struct dispatcher *d);

/* Remember a sender that was told BUSY; wake all of them. */
void dispatcher_wait(struct dispatcher *sender, struct dispatcher *receiver);
void dispatcher_wake_waiters(struct dispatcher *receiver);
