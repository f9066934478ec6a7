/*
 * Interrupts as messages: each vector that user space may name is bound to at most one notification.
 */
#pragma once

#include "cap/cap.h"

struct dispatcher;

/* An interrupt came in on `vector`. Edges are over at the local APIC when this returns; a level-triggered line's vector stays
 * in service until its driver acknowledges it, or it would come again at once. */
void interrupt_arrived(unsigned vector);

/* The driver of a level-triggered line is done. ERR_NOT_READY: the vector is not in service. */
[[nodiscard]] err_t interrupt_acknowledge(unsigned vector);

/* Unbound, a level-triggered line's vector still goes into service when it arrives and stays there: whoever masks the line
 * acknowledges it then. */

/* Let what an earlier CPU driver left at the local APIC arrive and be dropped; before anything is bound. */
void interrupt_drain(void);

/* From now on arrivals signal the notification in `notification`. Vector in VECTOR_USER_FIRST to VECTOR_USER_LAST. */
void interrupt_bind(unsigned vector, const struct cap *notification);
void interrupt_unbind(unsigned vector);

/* Forget every vector bound to a dispatcher that ends. */
void interrupt_forget(const struct dispatcher *d);
