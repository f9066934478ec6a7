/* The interrupt-controller domain, by LRPC: name "ioapic", on core 0. Obeys core 0's monitor only, which speaks for the
   other monitors: a driver asks its own monitor for an interrupt (monitor.h). Request payload -> reply after the error. */
#ifndef IF_IOAPIC_H
#define IF_IOAPIC_H

#define IOAPIC_NAME "ioapic"

/* `owner` is the domain that a line is routed for; while it has the line nobody else can route it. */
enum ioapic_operation {
    IOAPIC_DESCRIBE = 1, /* ISA line -> gsi, ioapic_flag: where it arrives, by the firmware's overrides */
    IOAPIC_ROUTE,        /* owner, gsi, APIC id, vector, ioapic_flag: from now on this line interrupts that core */
    IOAPIC_RELEASE       /* owner, gsi: masked, and anybody's again */
};

enum ioapic_flag { IOAPIC_ACTIVE_LOW = 1, IOAPIC_LEVEL = 2 };

#define IOAPIC_ISA_LINES 16

#endif
