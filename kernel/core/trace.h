/*
 * Trace records (kernel/abi/trace.toml) of what this CPU driver does, in a ring that the monitor reads.
 *
 * Off, an event costs one test. On, the fast path of LRPC stands aside, so that every message is seen. The ring is memory of
 * the core's pool, taken at boot and mapped read-only for the monitor; nothing is read back from it.
 */
#pragma once

#include "core/dispatcher.h"
#include "x86_64/trace_call.h"

extern bool trace_on;
extern bool trace_due; /* the monitor has not been told that half the ring is new */

/* Before the first event: pages in a row, zeroed. */
void trace_init(paddr_t ring, uint64_t bytes);

/* UNSUPPORTED: this core was planned without a ring. */
[[nodiscard]] err_t trace_set(bool on);

/* What the functions below call when there is something to do. NOTHING: tell the monitor; SWITCH: `a` is about to be current. */
void trace_write(unsigned kind, unsigned detail, struct dispatcher *a, const struct dispatcher *b);

/* Dispatchers are recorded by number, NULL as 0. */
static inline void trace_event(enum trace_kind kind, unsigned detail, const struct dispatcher *a,
                               const struct dispatcher *b) {
    if (UNLIKELY(trace_on)) {
        x86_trace_keeping(kind, detail, a, b);
    }
}

/* `to`, NULL when idle, is about to become current. */
static inline void trace_switch(const struct dispatcher *to) {
    trace_event(TRACE_KIND_SWITCH, 0, to, NULL);
}

/* Tell the monitor, if there is something to tell. Where a dispatcher may become runnable: not in the middle of a switch. */
static inline void trace_settle(void) {
    if (UNLIKELY(trace_due)) {
        x86_trace_keeping(TRACE_KIND_NOTHING, 0, NULL, NULL);
    }
}
