/* Starting the other cores of the machine. */
#ifndef MONITOR_START_H
#define MONITOR_START_H

#include "monitor/acpi.h"

/* Starts every core that has an image; returns when each has said hello or let its deadline pass. */
void start_all(const struct acpi_machine *machine);

#endif
