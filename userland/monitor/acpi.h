/* What the firmware's tables say: the processors (MADT), the IOAPICs and the interrupt lines that it re-routes. */
#ifndef MONITOR_ACPI_H
#define MONITOR_ACPI_H

#include <skerry/base.h>

#define ACPI_IOAPICS 4

struct acpi_machine {
    uint32_t core_count;
    uint32_t cores_left_out; /* enabled, but with an APIC id past what xAPIC can address, or no room */
    uint8_t apic[MAX_CORES]; /* of core N; core 0 is the one that booted */
    uint32_t ioapic_count;
    struct {
        paddr_t registers;
        uint32_t gsi; /* its first line */
    } ioapic[ACPI_IOAPICS];
    struct {
        uint32_t gsi;
        uint32_t flags; /* enum ioapic_flag */
    } isa[16];          /* where an ISA interrupt arrives */
};

struct acpi_table {
    char signature[4];
    uint32_t length; /* the whole table's, checked against what is mapped */
    uint8_t rest[28];
} __attribute__((packed));

/* A table by its signature, mapped for good; NULL: absent, or its checksum is wrong. */
const struct acpi_table *acpi_find(const char signature[4]);

/* A little-endian number of up to 8 bytes. */
uint64_t acpi_number(const uint8_t *at, unsigned bytes);

/* The same on every core. Core 0 alone is what remains when there are no tables: the result is always usable. */
void acpi_read(struct acpi_machine *machine);

#endif
