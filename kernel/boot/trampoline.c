/*
 * Makes a trampoline page; the code itself is in trampoline.S.
 */
#include "boot/trampoline.h"

#include "boot/freestanding.h"

/* As trampoline.S has them. */
struct parameters {
    uint64_t cr3;
    uint64_t entry;
    uint64_t boot_data;
};

void trampoline_write(void *page, const struct layout_output *entry) {
    struct parameters parameters = {.cr3 = entry->cr3, .entry = entry->entry, .boot_data = entry->boot_data};
    memcpy(page, trampoline_start, (size_t)(trampoline_end - trampoline_start));
    memcpy((uint8_t *)page + (trampoline_parameters - trampoline_start), &parameters, sizeof(parameters));
}
