/* Base address registers: what a function wants to be addressed by, and where. */
#ifndef PCI_BARS_H
#define PCI_BARS_H

#include "drivers/pci/functions.h"

/* Reads sizes and the firmware's addresses. Decoding is off meanwhile. */
void bars_read(struct function *f);

/* Gives an address to every BAR that has none or none that can be handed out by pages below 4 GiB. */
void bars_assign(void);

#endif
