/*
 * Reaching other cores: start one, interrupt one. Nothing else crosses.
 */
#pragma once

#include "core/base.h"

/* No one core: APIC ids end below it. */
#define CORE_APIC_BROADCAST 255

/* INIT, then SIPI to a trampoline page below 1 MiB. Not for the own core: INIT to it would restart the machine. */
void startup_core(uint32_t apic, paddr_t trampoline);

void startup_interrupt(uint32_t apic, uint8_t vector);

/* To its park block, from wherever it is; when it is parked, to look into its mailbox. */
void startup_nmi(uint32_t apic);

uint32_t startup_own_apic(void);
