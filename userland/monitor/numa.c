/* Entries that name a node past NUMA_NODES are left out; a SLIT that does not fit its table counts as absent.
   [ACPI 6.4, 5.2.16 and 5.2.17] */
#include "monitor/numa.h"

#include <skerry/log.h>
#include <skerry/string.h>

#include "monitor/acpi.h"

#define SRAT_HEAD 48
#define SLIT_HEAD 44
#define REMOTE 20 /* two nodes of which the firmware says nothing */
#define ENABLED 1

enum srat_entry { SRAT_APIC = 0, SRAT_MEMORY = 1, SRAT_X2APIC = 2 };

static bool take_node(struct numa_machine *machine, uint64_t node) {
    if (node >= NUMA_NODES) {
        log_line("a node %lu: only %u are known, it is left out", node, NUMA_NODES);
        return false;
    }
    machine->nodes = MAX(machine->nodes, (uint32_t)node + 1);
    return true;
}

static void add_core(struct numa_machine *machine, uint64_t apic, uint64_t node, uint64_t flags) {
    if ((flags & ENABLED) != 0 && apic < ARRAY_SIZE(machine->node_of_apic) && take_node(machine, node)) {
        machine->node_of_apic[apic] = (uint8_t)node;
    }
}

static void add_memory(struct numa_machine *machine, const uint8_t *entry) {
    uint64_t node = acpi_number(entry + 2, 4), size = acpi_number(entry + 16, 8);
    if ((acpi_number(entry + 28, 4) & ENABLED) == 0 || size == 0 || machine->range_count == NUMA_RANGES ||
        !take_node(machine, node)) {
        return;
    }
    machine->range[machine->range_count].base = acpi_number(entry + 8, 8);
    machine->range[machine->range_count].size = size;
    machine->range[machine->range_count++].node = (uint32_t)node;
}

static void read_srat(struct numa_machine *machine, const struct acpi_table *srat) {
    const uint8_t *bytes = (const uint8_t *)srat;
    for (uint32_t at = SRAT_HEAD; at + 2 <= srat->length;) {
        const uint8_t *entry = bytes + at;
        uint8_t type = entry[0], length = entry[1];
        if (length < 2 || at + length > srat->length) {
            break;
        }
        if (type == SRAT_APIC && length >= 16) {
            add_core(machine, entry[3], entry[2] | acpi_number(entry + 9, 3) << 8, acpi_number(entry + 4, 4));
        } else if (type == SRAT_X2APIC && length >= 24) {
            add_core(machine, acpi_number(entry + 8, 4), acpi_number(entry + 4, 4), acpi_number(entry + 12, 4));
        } else if (type == SRAT_MEMORY && length >= 40) {
            add_memory(machine, entry);
        }
        at += length;
    }
}

static void read_slit(struct numa_machine *machine, const struct acpi_table *slit) {
    const uint8_t *bytes = (const uint8_t *)slit;
    if (slit->length < SLIT_HEAD) {
        return;
    }
    uint64_t count = acpi_number(bytes + 36, 8);
    if (count == 0 || count > 0xffff || count * count > slit->length - SLIT_HEAD) {
        return;
    }
    uint64_t known = MIN(count, (uint64_t)machine->nodes);
    for (uint64_t from = 0; from < known; from++) {
        memcpy(machine->distance[from], bytes + SLIT_HEAD + from * count, known);
    }
}

static void read_all(struct numa_machine *machine) {
    machine->nodes = 1;
    const struct acpi_table *srat = acpi_find("SRAT"), *slit = acpi_find("SLIT");
    if (srat != NULL) {
        read_srat(machine, srat);
    }
    for (uint32_t from = 0; from < machine->nodes; from++) {
        for (uint32_t to = 0; to < machine->nodes; to++) {
            machine->distance[from][to] = from == to ? NUMA_LOCAL : REMOTE;
        }
    }
    if (slit != NULL) {
        read_slit(machine, slit);
    }
}

const struct numa_machine *numa_machine(void) {
    static struct numa_machine machine;
    if (machine.nodes == 0) {
        read_all(&machine);
    }
    return &machine;
}
