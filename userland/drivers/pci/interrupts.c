/* MSI, MSI-X and INTx. [PCI 3.0, 6.8; SDM3 10.11 for address and data]
   MSI-X is preferred; its table lies in device memory, of which this domain has a copy of the capability (CAP_DEVICE).
   Which global line INTx ends at is the chipset's wiring, which ACPI tells in byte code (_PRT). Instead of an interpreter
   there is q35's wiring here: [ICH9 datasheet 10.1.20 and following, as QEMU sets it]: device D's pin P ends at PIRQ E to H,
   turned by D, and PIRQ A to H are lines 16 to 23. */
#include "drivers/pci/interrupts.h"

#include <abi/stubs.h>
#include <skerry/vspace.h>

#include "drivers/pci/config.h"

#define HOST_Q35 0x808629c0u
#define GSI_PIRQ_E 20
#define MESSAGE_ADDRESS 0xfee00000u
#define MSI_ENABLE (1u << 16)
#define MSI_WIDE (1u << 23)
#define MSI_COUNT_MASK (7u << 20)
#define MSIX_ENABLE (1u << 31)
#define MSIX_ALL_MASKED (1u << 30)
#define MSIX_COUNT_MASK 0x7ffu /* of the control word: entries, less one */
#define MSIX_TABLE 4
#define MSIX_ENTRY 16
#define MSIX_MASKED 1u

err_t interrupt_line(const struct function *f, uint64_t *gsi) {
    const struct function *host = function_at(0);
    if (f->pin == 0) {
        return ERR_NOT_FOUND;
    }
    uint32_t device = f->location >> 3 & 31;
    if (host == NULL || host->ids != HOST_Q35 || f->location >> 8 != 0 || device >= 25) {
        return ERR_UNSUPPORTED;
    }
    *gsi = GSI_PIRQ_E + (device + f->pin - 1) % 4;
    return ERR_OK;
}

void interrupt_line_on(const struct function *f) {
    config_command(f->location, 0, COMMAND_NO_INTX);
}

static void msi_on(const struct function *f, const struct message *to) {
    uint32_t control = config_read(f->location, f->msi);
    uint32_t data = f->msi + ((control & MSI_WIDE) != 0 ? 12 : 8);
    config_write(f->location, f->msi + 4, MESSAGE_ADDRESS | to->apic << 12);
    if ((control & MSI_WIDE) != 0) {
        config_write(f->location, f->msi + 8, 0);
    }
    config_write(f->location, data, to->vector);
    config_write(f->location, f->msi, (control & ~MSI_COUNT_MASK) | MSI_ENABLE);
}

static err_t table_map(struct function *f) {
    uint32_t where = config_read(f->location, f->msix + MSIX_TABLE);
    uint32_t entries = (config_read(f->location, f->msix) >> 16 & MSIX_COUNT_MASK) + 1;
    const struct bar *bar = &f->bars[where & 7];
    uint64_t base = 0, offset = where & ~7u;
    void *at;
    if ((where & 7) >= PCI_BARS || bar->size == 0 || offset + entries * MSIX_ENTRY > bar->size) {
        return ERR_UNSUPPORTED;
    }
    TRY(device_identify(CAP_DEVICE, &base, NULL));
    uint64_t first = ALIGN_DOWN(bar->base + offset, PAGE_SIZE);
    uint64_t end = ALIGN_UP(bar->base + offset + entries * MSIX_ENTRY, PAGE_SIZE);
    struct vspace_request request = {CAP_DEVICE, first - base, end - first, MAP_READ | MAP_WRITE | MAP_UNCACHED};
    TRY(vspace_map(&request, &at, NULL));
    f->msix_table = (volatile char *)at + (bar->base + offset - first);
    return ERR_OK;
}

/* The entry is masked while it is written; all begin so. */
static err_t msix_on(struct function *f, const struct message *to) {
    uint32_t control = config_read(f->location, f->msix);
    if (to->number > (control >> 16 & MSIX_COUNT_MASK)) {
        return ERR_UNSUPPORTED;
    }
    if (f->msix_table == NULL) {
        TRY(table_map(f));
    }
    volatile uint32_t *entry = (volatile uint32_t *)(f->msix_table + to->number * MSIX_ENTRY);
    entry[3] = MSIX_MASKED;
    entry[0] = MESSAGE_ADDRESS | to->apic << 12;
    entry[1] = 0;
    entry[2] = to->vector;
    entry[3] = 0;
    config_write(f->location, f->msix, (control & ~MSIX_ALL_MASKED) | MSIX_ENABLE);
    return ERR_OK;
}

err_t interrupt_message_on(struct function *f, const struct message *to) {
    if (f->msix == 0 && (f->msi == 0 || to->number != 0)) {
        return ERR_UNSUPPORTED;
    }
    config_command(f->location, COMMAND_NO_INTX, 0);
    if (f->msix != 0) {
        return msix_on(f, to);
    }
    msi_on(f, to);
    return ERR_OK;
}

/* The next owner enables one message, not all that this one had. */
static void table_mask(const struct function *f) {
    uint32_t entries = (config_read(f->location, f->msix) >> 16 & MSIX_COUNT_MASK) + 1;
    for (uint32_t i = 0; i < entries && f->msix_table != NULL; i++) {
        ((volatile uint32_t *)(f->msix_table + i * MSIX_ENTRY))[3] = MSIX_MASKED;
    }
}

void interrupts_off(const struct function *f) {
    config_command(f->location, COMMAND_NO_INTX, 0);
    if (f->msi != 0) {
        config_write(f->location, f->msi, config_read(f->location, f->msi) & ~MSI_ENABLE);
    }
    if (f->msix != 0) {
        config_write(f->location, f->msix, (config_read(f->location, f->msix) & ~MSIX_ENABLE) | MSIX_ALL_MASKED);
        table_mask(f);
    }
}
