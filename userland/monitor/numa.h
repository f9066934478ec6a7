/* Which cores and which memory are near each other, as the firmware says: SRAT and SLIT. Without them the machine is one
   node. */
#ifndef MONITOR_NUMA_H
#define MONITOR_NUMA_H

#include <skerry/base.h>

#define NUMA_NODES 64
#define NUMA_RANGES 128
#define NUMA_LOCAL 10 /* a node's distance to itself [ACPI 6.4, 5.2.17] */

struct numa_machine {
    uint32_t nodes;
    uint8_t node_of_apic[256];
    uint32_t range_count;
    struct {
        paddr_t base;
        uint64_t size;
        uint32_t node;
    } range[NUMA_RANGES];
    uint8_t distance[NUMA_NODES][NUMA_NODES];
};

/* Read when it is asked for first, after acpi_read(). */
const struct numa_machine *numa_machine(void);

#endif
