/*
 * Time: the TSC and the local APIC's one-shot timer, in TSC ticks.
 */
#pragma once

#include "core/base.h"

/* TSC ticks now. */
uint64_t clock_now(void);

/* Take over the frequencies that core 0 measured, or measure them (both 0). Mask the legacy interrupt controller in
 * that case too: core 0 does it once for the machine. */
void clock_init(uint64_t tsc_khz, uint64_t apic_khz);

uint64_t clock_tsc_khz(void);
uint64_t clock_apic_khz(void);

/* Interrupt with VECTOR_TIMER when the TSC reaches `deadline`, or earlier if that is more than a second away. */
void clock_arm(uint64_t deadline);
void clock_disarm(void);
