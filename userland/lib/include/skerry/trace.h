/* Trace records (kernel/abi/trace.toml) of what this dispatcher does, in the ring that its monitor empties. Channels record
   their messages; a program may record what it likes, with trace_mark. While tracing is off a record costs one test. */
#ifndef SKERRY_TRACE_H
#define SKERRY_TRACE_H

#include <skerry/base.h>

static inline const struct trace_ring *trace_ring(void) {
    return (const struct trace_ring *)USER_TRACE_VADDR;
}

/* Writes a record, asked for or not. */
void trace_write(enum trace_kind kind, unsigned detail, uint64_t a, uint64_t b);

static inline bool trace_on(void) {
    return __builtin_expect(__atomic_load_n(&trace_ring()->on, __ATOMIC_RELAXED) != 0, 0);
}

static inline void trace_event(enum trace_kind kind, unsigned detail, uint64_t a, uint64_t b) {
    if (trace_on()) {
        trace_write(kind, detail, a, b);
    }
}

/* Two numbers of the program's own, 32 bits of each. */
static inline void trace_mark(uint64_t a, uint64_t b) {
    trace_event(TRACE_KIND_MARK, 0, a, b);
}

#endif
