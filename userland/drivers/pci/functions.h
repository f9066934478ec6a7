/* The functions found on the bus, once, at the start. */
#ifndef PCI_FUNCTIONS_H
#define PCI_FUNCTIONS_H

#include <if/pci.h>
#include <skerry/base.h>

#define PCI_LOCATION(bus, device, function) ((uint32_t)(bus) << 8 | (uint32_t)(device) << 3 | (uint32_t)(function))

struct bar {
    uint64_t base;
    uint64_t size;  /* 0: there is none */
    unsigned flags; /* enum pci_bar_flag */
};

struct function {
    uint32_t location;
    uint32_t ids;          /* vendor << 16 | device */
    uint32_t class_code;   /* class << 8 | revision */
    unsigned capabilities; /* enum pci_capability */
    uint32_t msi, msix;    /* where those capabilities are; 0: none */
    unsigned pin;          /* 1 to 4 for INTA to INTD; 0: none */
    bool is_bridge;
    struct bar bars[PCI_BARS];
    uint64_t owner;            /* domain; 0: nobody's */
    volatile char *msix_table; /* NULL: not mapped yet */
};

/* Walks bus 0 and the buses behind bridges that the firmware has numbered. */
void functions_find(void);

/* NULL past the last. */
struct function *function_get(uint64_t n);
struct function *function_at(uint64_t location);

#endif
