/* The domains that the home's monitor starts, each with just the capabilities that it needs. */
#ifndef MONITOR_FIRST_DOMAINS_H
#define MONITOR_FIRST_DOMAINS_H

#include "monitor/acpi.h"

/* The interrupt controller's, the serial console's and the PCI bus's. */
void first_drivers(const struct acpi_machine *machine);

/* Until they have offered their services, or ended. */
void first_drivers_wait(void);

/* The shell, which gets the kernel command line as its argument, and whether it is to go on where another one ended with its
   home. */
void first_shell(bool again);

#endif
