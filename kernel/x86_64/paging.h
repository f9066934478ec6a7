/*
 * The kernel half of the address space; the rest of its interface is core/mem.h.
 */
#pragma once

#include "core/base.h"

/* Build this core's tables, for an image at physical `image` and a local APIC at `apic`, and switch to them. */
void paging_init(paddr_t image, paddr_t apic);

/* Switch to tables that map nothing for user space. */
void paging_leave_user(void);
