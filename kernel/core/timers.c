/*
 * See timers.h.
 */
#include "core/timers.h"

#include "x86_64/clock.h"

struct heap timers;

struct dispatcher *timers_due(void) {
    while (timers_next() <= clock_now()) {
        struct dispatcher *d = CONTAINER_OF(heap_first(&timers), struct dispatcher, timer);
        timers_forget(d);
        if (d->state == DISPATCHER_STATE_BLOCKED) {
            return d;
        }
    }
    return NULL;
}
