/*
 * What this CPU has, and the one-time set-up of its control registers and descriptors.
 */
#pragma once

#include "core/base.h"

struct cpu_features {
    bool smep, smap, umip, fsgsbase, gigabyte_pages, arat;
};

extern struct cpu_features cpu_features;

/* Find the features and set CR0, CR4, EFER and the system-call MSRs. Every bit is gated by CPUID, since a wrong CR4
 * bit hangs an emulated core without a word. */
void cpu_init(void);

/* Load our own GDT, TSS and IDT. */
void descriptors_init(void);
