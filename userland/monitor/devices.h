/* What domains of this core have been given of the hardware: ports, PCI functions, device memory, interrupts. Everything
   is checked against the grants of the domain's program, and taken back when the domain ends. */
#ifndef MONITOR_DEVICES_H
#define MONITOR_DEVICES_H

#include <if/monitor.h>
#include <skerry/base.h>

/* The services behind MONITOR_PORTS to MONITOR_INTERRUPT_ON (if/monitor.h), by their arguments. Capabilities are new, for
   the client. */
[[nodiscard]] err_t device_ports(uint32_t domain, uint64_t first, uint64_t *count, capaddr_t *cap);
[[nodiscard]] err_t device_claim(uint32_t domain, uint64_t ids, uint64_t *location);

struct device_bar {
    uint64_t location, bar;     /* in */
    uint64_t base, size, flags; /* out */
};
[[nodiscard]] err_t device_bar(uint32_t domain, struct device_bar *bar, capaddr_t *cap);

[[nodiscard]] err_t device_interrupt(uint32_t domain, const uint64_t request[2], uint64_t *vector, capaddr_t *cap);
[[nodiscard]] err_t device_interrupt_on(uint32_t domain, uint64_t vector);

/* The interrupt controller's and the PCI bus's domains are new ones, which know of no device in use: they are told again. May wait. */
void devices_again(void);

/* The domain has ended: its devices become quiet, its lines masked, its capabilities revoked. */
void devices_end(uint32_t domain);

#endif
