/*
 * What the machine is like, as the PVH start info says. It is copied out at once: everything that the start info points to
 * lies in memory that is somebody's RAM a moment later.
 */
#pragma once

#include "core/base.h"

#include "boot/memmap.h"

struct machine {
    struct memmap memory;
    struct memmap_range archive; /* the only module; empty when there is none */
    paddr_t rsdp;
    char cmdline[sizeof(((struct boot_data *)0)->cmdline)];
};

/* Reads the start info at a physical address; ends the run when it is of no use. */
void start_info_read(uint32_t address, struct machine *out);
