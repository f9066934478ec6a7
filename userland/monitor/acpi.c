/* RSDP, then RSDT (revision 0) or XSDT (2 and up), then MADT. Every length is checked against what is mapped; a table
   whose checksum is wrong counts as absent. [ACPI 6.4, 5.2.5 to 5.2.12] */
#include "monitor/acpi.h"

#include <if/ioapic.h>
#include <skerry/log.h>
#include <skerry/string.h>

#include "monitor/machine.h"
#include "monitor/ownership.h"

#define TABLE_MAX 65536
#define RSDP_V1_SIZE 20
#define RSDP_V2_SIZE 36
#define MADT_HEAD 44
#define UNKNOWN 0xff /* no core's APIC id */

enum madt_entry { MADT_LOCAL_APIC = 0, MADT_IOAPIC = 1, MADT_OVERRIDE = 2 };

struct rsdp {
    char signature[8];
    uint8_t checksum;
    char oem[6];
    uint8_t revision;
    uint32_t rsdt;
    uint32_t length;
    uint64_t xsdt;
    uint8_t rest[4];
} __attribute__((packed));

_Static_assert(sizeof(struct rsdp) == RSDP_V2_SIZE && sizeof(struct acpi_table) == 36, "as ACPI has them");

uint64_t acpi_number(const uint8_t *at, unsigned bytes) {
    uint64_t value = 0;
    memcpy(&value, at, bytes);
    return value;
}

static bool sums_to_zero(const void *bytes, size_t size) {
    uint8_t sum = 0;
    for (size_t i = 0; i < size; i++) {
        sum = (uint8_t)(sum + ((const uint8_t *)bytes)[i]);
    }
    return sum == 0;
}

static const struct acpi_table *table_map(paddr_t base) {
    const void *at;
    if (machine_map(base, sizeof(struct acpi_table), &at) != ERR_OK) {
        return NULL;
    }
    uint32_t length = ((const struct acpi_table *)at)->length;
    if (length < sizeof(struct acpi_table) || length > TABLE_MAX) {
        return NULL;
    }
    if (base % PAGE_SIZE + length > PAGE_SIZE && machine_map(base, length, &at) != ERR_OK) {
        return NULL;
    }
    return sums_to_zero(at, length) ? at : NULL;
}

/* Walks RSDT or XSDT, whose entries have `width` bytes. */
static const struct acpi_table *table_find(const struct acpi_table *root, unsigned width, const char signature[4]) {
    const uint8_t *entries = (const uint8_t *)root + sizeof(*root);
    for (uint32_t at = 0; at + width <= root->length - sizeof(*root); at += width) {
        const struct acpi_table *table = table_map(acpi_number(entries + at, width));
        if (table != NULL && memcmp(table->signature, signature, 4) == 0) {
            return table;
        }
    }
    return NULL;
}

const struct acpi_table *acpi_find(const char signature[4]) {
    paddr_t base = boot_data()->rsdp;
    const void *at;
    if (base == 0 || machine_map(base, RSDP_V2_SIZE, &at) != ERR_OK) {
        return NULL;
    }
    const struct rsdp *rsdp = at;
    if (memcmp(rsdp->signature, "RSD PTR ", 8) != 0 || !sums_to_zero(rsdp, RSDP_V1_SIZE)) {
        return NULL;
    }
    bool wide = rsdp->revision >= 2 && rsdp->xsdt != 0;
    const struct acpi_table *root = table_map(wide ? rsdp->xsdt : rsdp->rsdt);
    return root == NULL ? NULL : table_find(root, wide ? 8 : 4, signature);
}

static void add_core(struct acpi_machine *machine, const uint8_t *entry) {
    uint8_t apic = entry[3];
    bool enabled = (entry[4] & 1) != 0;
    if (machine->apic[0] == UNKNOWN && enabled) {
        machine->apic[0] = apic; /* firmware names the core that booted first */
    }
    if (!enabled || apic == machine->apic[0]) {
        return;
    }
    if (machine->core_count == MAX_CORES || apic == UNKNOWN) {
        machine->cores_left_out++;
        return;
    }
    machine->apic[machine->core_count++] = apic;
}

static void add_ioapic(struct acpi_machine *machine, const uint8_t *entry) {
    if (machine->ioapic_count == ACPI_IOAPICS) {
        log_line("more than %u IOAPICs: one is left out", ACPI_IOAPICS);
        return;
    }
    machine->ioapic[machine->ioapic_count].registers = acpi_number(entry + 4, 4);
    machine->ioapic[machine->ioapic_count++].gsi = (uint32_t)acpi_number(entry + 8, 4);
}

/* Flags: bits 0-1 polarity, 2-3 trigger; 0 means as the bus has it, which for ISA is high and edge. */
static void add_override(struct acpi_machine *machine, const uint8_t *entry) {
    uint8_t source = entry[3];
    uint16_t flags = (uint16_t)acpi_number(entry + 8, 2);
    if (source >= ARRAY_SIZE(machine->isa)) {
        return;
    }
    machine->isa[source].gsi = (uint32_t)acpi_number(entry + 4, 4);
    machine->isa[source].flags =
        ((flags & 3) == 3 ? IOAPIC_ACTIVE_LOW : 0) | ((flags >> 2 & 3) == 3 ? IOAPIC_LEVEL : 0);
}

static void read_madt(struct acpi_machine *machine, const struct acpi_table *madt) {
    const uint8_t *bytes = (const uint8_t *)madt;
    for (uint32_t at = MADT_HEAD; at + 2 <= madt->length;) {
        const uint8_t *entry = bytes + at;
        uint8_t type = entry[0], length = entry[1];
        if (length < 2 || at + length > madt->length) {
            break;
        }
        if (type == MADT_LOCAL_APIC && length >= 8) {
            add_core(machine, entry);
        } else if (type == MADT_IOAPIC && length >= 12) {
            add_ioapic(machine, entry);
        } else if (type == MADT_OVERRIDE && length >= 10) {
            add_override(machine, entry);
        }
        at += length;
    }
}

void acpi_read(struct acpi_machine *machine) {
    *machine = (struct acpi_machine){.core_count = 1};
    machine->apic[0] = (uint8_t)(machine_booted_here() ? boot_data()->apic : ownership_core(0).apic);
    for (uint32_t i = 0; i < ARRAY_SIZE(machine->isa); i++) {
        machine->isa[i].gsi = i;
    }
    const struct acpi_table *madt = acpi_find("APIC");
    if (madt == NULL) {
        log_line("no MADT: this machine's other cores and its IOAPIC are unknown");
    } else {
        read_madt(machine, madt);
    }
}
