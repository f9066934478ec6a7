/* The writer of this dispatcher's trace ring. The monitor reads behind it, on the same core, so that nothing here waits: what
   it does not come to read in time is overwritten. */
#include <skerry/trace.h>

#include <abi/stubs.h>
#include <skerry/dispatcher.h>
#include <skerry/fibre.h>
#include <skerry/time.h>

#define CAPACITY ((TRACE_RING_SIZE - sizeof(struct trace_ring)) / sizeof(struct trace_record))

static uint32_t unseen;

void trace_write(enum trace_kind kind, unsigned detail, uint64_t a, uint64_t b) {
    PINNED();
    struct trace_ring *ring = (struct trace_ring *)USER_TRACE_VADDR;
    struct trace_record *record = (struct trace_record *)(ring + 1) + ring->head % CAPACITY;
    *record = (struct trace_record){
        .stamp = (time_now() - dispatcher_frame()->start_tsc) << 16 | (detail & 0xff) << 8 | kind,
        .a = (uint32_t)a,
        .b = (uint32_t)b,
    };
    __atomic_store_n(&ring->head, ring->head + 1, __ATOMIC_RELEASE);
    if (++unseen >= CAPACITY / 2) {
        unseen = 0;
        (void)notification_signal(CAP_TRACE); /* a monitor that is not told finds it later */
    }
}
