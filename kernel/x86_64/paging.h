/*
 * The kernel half of the address space; the rest of its interface is core/mem.h.
 */
#pragma once

#include "core/base.h"

struct paging_places {
    paddr_t image;
    paddr_t apic;       /* the local APIC's registers */
    paddr_t park;       /* the park block */
    paddr_t park_table; /* level 1: maps that, for the supervisor only */
};

/* Build this core's tables and switch to them. */
void paging_init(const struct paging_places *places);

/* Switch to tables that map nothing for user space, but the park block at its physical address. */
void paging_leave_user(void);
