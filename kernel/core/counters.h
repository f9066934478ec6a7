/*
 * What this CPU driver has counted since it started.
 */
#pragma once

#include "core/base.h"

struct counters {
    uint64_t syscalls; /* first: entry.S counts */
    uint64_t interrupts;
};

extern struct counters counters;
