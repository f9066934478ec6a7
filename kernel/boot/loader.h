/*
 * Between entry.S and loader.c.
 */
#pragma once

#include "core/base.h"

/* Called once, in long mode, all memory below 4 GiB identity mapped; the address is that of the PVH start info. */
[[gnu::noreturn]] void loader_main(uint32_t start_info);

/* Enters a core in the entry state. */
[[gnu::noreturn]] void loader_enter(paddr_t cr3, vaddr_t entry, paddr_t boot_data);
