/*
 * The first domain of a core: its monitor, made from the boot data.
 */
#pragma once

#include "core/base.h"

/* Build the monitor's address space, capability space and dispatcher, with every capability that this core starts
 * with, and make it runnable. */
void bootstrap_monitor(const struct boot_data *boot);
