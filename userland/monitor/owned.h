/* The home's note of the hardware that domains of other cores have, so that it is quiet, and anybody's again, when such a core
   was stopped before its monitor could see to that. */
#ifndef MONITOR_OWNED_H
#define MONITOR_OWNED_H

#include "monitor/hardware.h"

/* A monitor's call for a domain of its core has succeeded. */
void owned_note(coreid_t core, const struct hardware_call *call);

/* The core runs no more: releases what its domains still had. Waits. */
void owned_core_gone(coreid_t core);

#endif
