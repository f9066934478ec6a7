/*
 * This core's local APIC: the only interrupt hardware that a CPU driver touches. [SDM3 11]
 */
#pragma once

#include "core/base.h"

/* Physical address of the registers. */
paddr_t apic_base(void);

/* Switch on, mask everything but what we use. */
void apic_init(void);

uint32_t apic_id(void);

/* Tell that the interrupt in service is done. */
void apic_end(void);

/* Start the one-shot timer: VECTOR_TIMER after `ticks` at divide-by-1. 0 stops it. */
void apic_timer_start(uint32_t ticks);
uint32_t apic_timer_left(void);

/* Inter-processor interrupts, by APIC id. */
void apic_send(uint32_t apic, uint8_t vector);
void apic_send_init(uint32_t apic);
void apic_send_startup(uint32_t apic, uint8_t page);
void apic_send_nmi(uint32_t apic);

/* What an earlier CPU driver of this core, which was stopped at any point, left: end what is in service, then tell whether
 * interrupts are pending. */
bool apic_left_pending(void);
