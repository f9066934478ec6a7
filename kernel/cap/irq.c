/*
 * IRQ capabilities: ranges of this core's interrupt vectors. Binding one to a notification turns arrivals into messages.
 */
#include "cap/invoke.h"
#include "core/dispatcher.h"
#include "core/interrupt.h"
#include "x86_64/apic.h"

static err_t single_decode(const struct cap *irq) {
    return irq->size == 1 ? ERR_OK : ERR_ARGUMENT;
}

err_t inv_irq_bind(struct invocation *inv) {
    TRY(single_decode(&inv->cap->cap));
    if (dispatcher_of(&inv->cte[0]->cap)->state == DISPATCHER_STATE_STOPPED) {
        return ERR_PEER_DEAD; /* nothing would unbind it when its memory goes */
    }
    interrupt_bind((unsigned)inv->cap->cap.base, &inv->cte[0]->cap);
    return ERR_OK;
}

err_t inv_irq_unbind(struct invocation *inv) {
    TRY(single_decode(&inv->cap->cap));
    interrupt_unbind((unsigned)inv->cap->cap.base);
    return ERR_OK;
}

err_t inv_irq_ack(struct invocation *inv) {
    TRY(single_decode(&inv->cap->cap));
    return interrupt_acknowledge((unsigned)inv->cap->cap.base);
}

err_t inv_irq_identify(struct invocation *inv) {
    inv->result[0] = inv->cap->cap.base;
    inv->result[1] = inv->cap->cap.size;
    inv->result[2] = apic_id();
    return ERR_OK;
}

/* Only a capability of a single vector can have bound it. */
void irq_end(struct cap *cap) {
    if (cap->size == 1) {
        interrupt_unbind((unsigned)cap->base);
    }
}
