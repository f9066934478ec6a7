/*
 * Exceptions in the loader, and in a CPU driver until it has an IDT of its own: one line, then the machine resets itself.
 */
#pragma once

#include "core/base.h"

/* What the stubs in entry.S hand over. */
struct exception {
    uint64_t vector, error, rip, cs, rflags, rsp, ss;
};

void exception_init(void);

/* Called by the stubs. */
[[gnu::noreturn]] void exception_report(const struct exception *exception);
