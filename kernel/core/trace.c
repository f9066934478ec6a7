/*
 * The trace ring. Its writer alone: the position is kept here, what stands in the ring is for the reader.
 */
#include "core/trace.h"

#include "core/log.h"
#include "core/mem.h"
#include "x86_64/clock.h"

bool trace_on, trace_due;

static struct trace_ring *ring;
static uint32_t capacity, place, unseen;
static uint32_t round; /* of tracing: names are recorded anew in each */

void trace_init(paddr_t base, uint64_t bytes) {
    if (bytes > sizeof *ring) {
        ring = mem_direct(base);
        capacity = (uint32_t)((bytes - sizeof *ring) / sizeof(struct trace_record));
        ring->capacity = capacity;
    }
}

static uint32_t number_of(const struct dispatcher *d) {
    return d == NULL ? 0 : (uint32_t)(mem_paddr(d) / PAGE_SIZE);
}

static void put(unsigned kind, unsigned detail, uint32_t a, uint32_t b) {
    struct trace_record *record = (struct trace_record *)(ring + 1) + place;
    *record = (struct trace_record){
        .stamp = (clock_now() - log_start()) << 16 | (detail & 0xff) << 8 | kind,
        .a = a,
        .b = b,
    };
    place = place + 1 == capacity ? 0 : place + 1;
    ring->head++;
    if (++unseen >= capacity / 2) {
        unseen = 0;
        trace_due = true;
    }
}

static void put_name(const struct dispatcher *d) {
    for (unsigned i = 0; i < 4; i++) {
        uint32_t letters;
        memcpy(&letters, d->name + i * sizeof letters, sizeof letters);
        put(TRACE_KIND_NAME, i, number_of(d), letters);
    }
}

/* Who is new in this round of tracing is introduced by name. */
static void put_switch(struct dispatcher *to) {
    const struct dispatcher *from = dispatcher_current;
    put(TRACE_KIND_SWITCH, from == NULL ? 0 : from->state, number_of(to), number_of(from));
    if (to != NULL && to->traced != round) {
        to->traced = round;
        put_name(to);
    }
}

err_t trace_set(bool on) {
    if (ring == NULL) {
        return ERR_UNSUPPORTED;
    }
    if (on && !trace_on) {
        round++;
        put_switch(dispatcher_current);
    }
    trace_on = on;
    ring->on = on;
    return ERR_OK;
}

void trace_write(unsigned kind, unsigned detail, struct dispatcher *a, const struct dispatcher *b) {
    if (kind == TRACE_KIND_NOTHING) {
        trace_due = false;
        dispatcher_tell_monitor(NOTIFY_TRACE);
    } else if (kind == TRACE_KIND_SWITCH) {
        put_switch(a);
    } else {
        put(kind, detail, number_of(a), number_of(b));
    }
}
