/*
 * In place of the CPU driver's: what schedule.c reads of the plan, for each scenario to set.
 */
#pragma once

#include "core/base.h"

struct core_plan {
    uint32_t timeslice_us;
    uint32_t tickless;
    uint32_t scheduler;
};

extern struct core_plan core_plan;
