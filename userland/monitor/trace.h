/* Tracing on this core: the rings of the CPU driver, of this monitor and of its domains go, in bulk, to the core's trace
   port (kernel/abi/trace.toml). */
#ifndef MONITOR_TRACE_H
#define MONITOR_TRACE_H

#include <skerry/base.h>
#include <skerry/vspace.h>

/* A ring that is read. What its writer puts there is its own word: counts are bounded here, records are only passed on. */
struct trace_source {
    struct trace_source *next;
    capaddr_t ring;  /* frame; CAP_NULL: mapped from the start */
    uint32_t number; /* of the dispatcher that writes it, 0 for the CPU driver */
    uint32_t capacity;
    uint64_t taken; /* records read or lost so far */
    struct trace_ring *at;
    struct vspace_mapping mapping;
};

/* Also switches tracing on, where the kernel command line says `trace`. */
[[nodiscard]] err_t trace_init(void);

/* A new domain's ring, whose frame is in `source->ring`. */
void trace_adopt(struct trace_source *source, capaddr_t dispatcher);

/* The domain ends, or was never made. */
void trace_release(struct trace_source *source);

/* On this core. NOT_FOUND: it has no trace port. */
[[nodiscard]] err_t trace_set(bool on);

/* On every core that answers; says how many did. Nothing is asked of others to end what has not begun here. */
[[nodiscard]] err_t trace_set_all(bool on, uint64_t *cores);

#endif
