/*
 * The way to this core's park block (boot/park.h). There is no way back for this CPU driver.
 */
#pragma once

#include "core/base.h"

struct context;

/* Where it is; before paging_init(). */
void park_init(paddr_t code);

/* Stop here. */
[[gnu::noreturn]] void park_here(void);

/* The same for an NMI, which found the core in this context: another core fences it. */
[[gnu::noreturn]] void park_fenced(const struct context *context);
