/* The PCI domain, by LRPC: name "pci", on core 0. Everybody may look; the other operations are core 0's monitor's, which
   speaks for all monitors: a driver asks its own monitor for a device (monitor.h). Request payload -> reply after the
   error. A function is named by its location: bus << 8 | device << 3 | function. */
#ifndef IF_PCI_H
#define IF_PCI_H

#define PCI_NAME "pci"
#define PCI_BARS 6

enum pci_operation {
    /* n-th -> location, vendor << 16 | device, class << 8 | revision, pci_capability, owner; NOT_FOUND past the last */
    PCI_FUNCTION = 1,
    /* location, bar -> base, size, pci_bar_flag; NOT_FOUND: it has no such BAR */
    PCI_BAR,
    /* owner, vendor << 16 | device -> location of the first such function that is nobody's; its memory and port decoding
       and its bus mastering are on, its interrupts off. BUSY: all have owners */
    PCI_CLAIM,
    /* owner, location -> gsi, ioapic_flag: the function may raise its line from now on */
    PCI_INTX,
    /* owner, location, APIC id, vector, number of the message: it sends this message there from now on */
    PCI_MSI,
    /* owner: all its functions are quiet and nobody's again */
    PCI_RELEASE
};

enum pci_capability { PCI_HAS_MSI = 1, PCI_HAS_MSIX = 2, PCI_HAS_EXPRESS = 4, PCI_IS_BRIDGE = 8 };
enum pci_bar_flag { PCI_BAR_PORTS = 1, PCI_BAR_WIDE = 2, PCI_BAR_PREFETCH = 4 };

#define PCI_LOCATION(bus, device, function) ((uint32_t)(bus) << 8 | (uint32_t)(device) << 3 | (uint32_t)(function))

#endif
