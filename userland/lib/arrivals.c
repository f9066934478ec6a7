#include "lib/arrivals.h"

#include "lib/lrpc_internal.h"

bool arrivals_add(struct arrivals *arrivals, uint32_t number, capaddr_t cap) {
    for (unsigned i = 0; i < ARRIVALS; i++) {
        if (arrivals->arrival[i].cap == CAP_NULL) {
            arrivals->arrival[i] = (struct arrival){number, cap};
            return true;
        }
    }
    return false;
}

capaddr_t arrivals_claim(struct arrivals *arrivals, uint32_t number) {
    for (unsigned i = 0; i < ARRIVALS; i++) {
        struct arrival *arrival = &arrivals->arrival[i];
        if (arrival->cap != CAP_NULL && arrival->number == number) {
            capaddr_t cap = arrival->cap;
            arrival->cap = CAP_NULL;
            return cap;
        }
    }
    return CAP_NULL;
}

void arrivals_drop(struct arrivals *arrivals) {
    for (unsigned i = 0; i < ARRIVALS; i++) {
        if (arrivals->arrival[i].cap != CAP_NULL) {
            lrpc_slot_release(arrivals->arrival[i].cap);
            arrivals->arrival[i].cap = CAP_NULL;
        }
    }
}
