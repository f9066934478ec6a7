/* The table of those who listen. Vectors are taken from the top down, so that they meet those of devices late. */
#include "monitor/wakes.h"

#include <abi/stubs.h>
#include <skerry/slots.h>

#include "monitor/cores.h"
#include "monitor/machine.h"
#include "monitor/peers.h"

#define LISTENERS_MAX 256
#define SLOT_MASK 0xffffull

struct listener {
    uint32_t domain; /* 0: this entry is free */
    capaddr_t notification;
    capaddr_t irq; /* CAP_NULL: it is signalled */
    unsigned vector;
};

static struct listener table[LISTENERS_MAX]; /* a slot is an entry's index + 1 */

static struct listener *listener_of(uint32_t domain) {
    for (unsigned i = 0; i < LISTENERS_MAX; i++) {
        if (table[i].domain == domain) {
            return &table[i];
        }
    }
    return NULL;
}

/* One that nobody has, be it a device. */
static err_t vector_take(struct listener *listener) {
    for (unsigned vector = VECTOR_WAKE - 1; vector >= VECTOR_EDGE_FIRST; vector--) {
        err_t err = machine_range(CAP_IRQ, vector, 1, &listener->irq);
        if (err == ERR_OK) {
            listener->vector = vector;
            return irq_bind(listener->irq, listener->notification);
        }
        if (err != ERR_RETYPE_BUSY) {
            return err;
        }
    }
    return ERR_NO_MEMORY;
}

static void vector_give_back(struct listener *listener) {
    if (listener->irq != CAP_NULL) {
        (void)irq_unbind(listener->irq);
        slot_release(listener->irq);
    }
    listener->irq = CAP_NULL;
    listener->vector = 0;
}

static void describe(const struct listener *listener, struct wake_place *place) {
    uint32_t slot = (uint32_t)(listener - table) + 1;
    place->vector = listener->vector;
    place->place = listener->vector != 0 ? 0 : this_core() * (uint32_t)(SLOT_MASK + 1) | slot;
}

err_t wakes_listen(const struct wake_listen *listen, struct wake_place *place) {
    if (listener_of(listen->domain) != NULL) {
        return ERR_BUSY;
    }
    struct listener *listener = listener_of(0);
    if (listener == NULL) {
        return ERR_NO_MEMORY;
    }
    *listener = (struct listener){.domain = listen->domain, .notification = listen->notification};
    if (!listen->shared && vector_take(listener) != ERR_OK) {
        vector_give_back(listener);
    }
    describe(listener, place);
    return ERR_OK;
}

err_t wakes_find(uint32_t domain, struct wake_place *place) {
    const struct listener *listener = listener_of(domain);
    if (domain == 0 || listener == NULL) {
        return ERR_NOT_READY;
    }
    describe(listener, place);
    return ERR_OK;
}

void wakes_signal(uint64_t place) {
    uint64_t slot = place & SLOT_MASK;
    if (slot != 0 && slot <= LISTENERS_MAX && table[slot - 1].domain != 0) {
        (void)notification_signal(table[slot - 1].notification);
    }
}

err_t wakes_wake(uint64_t place) {
    uint64_t core = place / (SLOT_MASK + 1);
    if (core == this_core()) {
        wakes_signal(place);
        return ERR_OK;
    }
    if (core >= core_count()) {
        return ERR_NOT_FOUND;
    }
    struct peer_message message = {.type = PEER_WAKE, .from = this_core(), .to = (coreid_t)core, .word = {place}};
    return peer_post(&message);
}

void wakes_end(uint32_t domain) {
    struct listener *listener = listener_of(domain);
    if (domain == 0 || listener == NULL) {
        return;
    }
    vector_give_back(listener);
    slot_release(listener->notification);
    listener->domain = 0;
}
