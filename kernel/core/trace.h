/*
 * Trace records (kernel/abi/trace.toml) of what this CPU driver does, in a ring that the monitor reads.
 *
 * Off, an event costs one test. On, the fast path of LRPC stands aside, so that every message is seen. The ring is memory of
 * the core's pool, taken at boot and mapped read-only for the monitor; nothing is read back from it.
 */
#pragma once

#include "core/dispatcher.h"

extern bool trace_on;
extern bool trace_due; /* the monitor has not been told that half the ring is new */

/* Before the first event: pages in a row, zeroed. */
void trace_init(paddr_t ring, uint64_t bytes);

/* UNSUPPORTED: this core was planned without a ring. */
[[nodiscard]] err_t trace_set(bool on);

/* What is called from the middle of a hot path keeps all registers, so that the path saves none while tracing is off. */
#define TRACE_CALL [[gnu::no_caller_saved_registers]]

/* What the functions below call when tracing is on. */
TRACE_CALL void trace_write(unsigned kind, unsigned detail, const struct dispatcher *a, const struct dispatcher *b);
TRACE_CALL void trace_write_switch(struct dispatcher *to);
TRACE_CALL void trace_tell(void);

/* Dispatchers are recorded by number, NULL as 0. */
static inline void trace_event(enum trace_kind kind, unsigned detail, const struct dispatcher *a,
                               const struct dispatcher *b) {
    if (UNLIKELY(trace_on)) {
        trace_write(kind, detail, a, b);
    }
}

/* `to`, NULL when idle, is about to become current. */
static inline void trace_switch(struct dispatcher *to) {
    if (UNLIKELY(trace_on)) {
        trace_write_switch(to);
    }
}

/* Tell the monitor, if there is something to tell. Where a dispatcher may become runnable: not in the middle of a switch. */
static inline void trace_settle(void) {
    if (UNLIKELY(trace_due)) {
        trace_tell();
    }
}
