/* How a function interrupts: by its line, by messages, or not at all. */
#ifndef PCI_INTERRUPTS_H
#define PCI_INTERRUPTS_H

#include "drivers/pci/functions.h"

struct message {
    uint32_t number; /* of the function's messages; MSI has one, number 0 */
    uint32_t apic;
    uint32_t vector;
};

/* The line's global number. NOT_FOUND: it has no pin; UNSUPPORTED: a chipset whose routing is unknown here. */
[[nodiscard]] err_t interrupt_line(const struct function *f, uint64_t *gsi);

/* Lets the line be raised. */
void interrupt_line_on(const struct function *f);

/* Sends this message from now on. UNSUPPORTED: it has no such message. */
[[nodiscard]] err_t interrupt_message_on(struct function *f, const struct message *to);

/* Neither line nor messages. */
void interrupts_off(const struct function *f);

#endif
