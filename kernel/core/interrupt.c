/*
 * The table from vectors to notification bits.
 */
#include "core/interrupt.h"

#include "core/dispatcher.h"
#include "x86_64/apic.h"
#include "x86_64/idle.h"

#define VECTOR_COUNT (VECTOR_USER_LAST - VECTOR_USER_FIRST + 1)

static struct {
    struct dispatcher *dispatcher; /* NULL: arrivals are dropped */
    unsigned bit;
} bound[VECTOR_COUNT];

/* What the local APIC ends is the highest vector in service. So a level vector that is acknowledged below another is only
 * marked, and ends when that one has. */
#define LEVEL_COUNT (VECTOR_LEVEL_LAST - VECTOR_USER_FIRST + 1)

static enum { QUIET, IN_SERVICE, ACKNOWLEDGED } level[LEVEL_COUNT];

static void level_end_highest(void) {
    for (unsigned i = LEVEL_COUNT; i-- > 0;) {
        if (level[i] == IN_SERVICE) {
            return;
        }
        if (level[i] == ACKNOWLEDGED) {
            level[i] = QUIET;
            apic_end();
        }
    }
}

err_t interrupt_acknowledge(unsigned vector) {
    unsigned i = vector - VECTOR_USER_FIRST;
    if (vector > VECTOR_LEVEL_LAST || level[i] != IN_SERVICE) {
        return ERR_NOT_READY;
    }
    level[i] = ACKNOWLEDGED;
    level_end_highest();
    return ERR_OK;
}

static bool is_bound(unsigned vector) {
    return vector >= VECTOR_USER_FIRST && vector <= VECTOR_USER_LAST &&
           bound[vector - VECTOR_USER_FIRST].dispatcher != NULL;
}

void interrupt_arrived(unsigned vector) {
    unsigned i = vector - VECTOR_USER_FIRST;
    if (vector >= VECTOR_USER_FIRST && vector <= VECTOR_LEVEL_LAST) {
        level[i] = IN_SERVICE; /* bound or not: a line that nobody quiets would come again at once, for ever */
    } else {
        apic_end();
    }
    if (is_bound(vector)) {
        dispatcher_notify(bound[i].dispatcher, bound[i].bit);
    }
}

/* A line that its device still holds would come again for ever; it is left pending then. */
#define DRAIN_ROUNDS 512

void interrupt_drain(void) {
    for (unsigned round = 0; round < DRAIN_ROUNDS && apic_left_pending(); round++) {
        idle_poll();
    }
    for (unsigned i = 0; i < LEVEL_COUNT; i++) {
        level[i] = QUIET; /* ended by apic_left_pending() */
    }
}

void interrupt_bind(unsigned vector, const struct cap *notification) {
    KASSERT(vector >= VECTOR_USER_FIRST && vector <= VECTOR_USER_LAST);
    bound[vector - VECTOR_USER_FIRST].dispatcher = dispatcher_of(notification);
    bound[vector - VECTOR_USER_FIRST].bit = (unsigned)notification->extra;
}

void interrupt_unbind(unsigned vector) {
    KASSERT(vector >= VECTOR_USER_FIRST && vector <= VECTOR_USER_LAST);
    bound[vector - VECTOR_USER_FIRST].dispatcher = NULL;
}

void interrupt_forget(const struct dispatcher *d) {
    for (unsigned i = 0; i < VECTOR_COUNT; i++) {
        if (bound[i].dispatcher == d) {
            interrupt_unbind(VECTOR_USER_FIRST + i);
        }
    }
}
