/* Hardware for a driver: what etc/devices of the boot archive grants to its program, asked for one by one from the monitor.
   Everything returns by itself when the domain ends: devices become quiet, lines masked. */
#ifndef SKERRY_DRIVER_H
#define SKERRY_DRIVER_H

#include <if/monitor.h>
#include <skerry/base.h>

/* An interrupt that sets a bit of this domain's notify word. */
struct driver_interrupt {
    capaddr_t irq;
    unsigned bit;
    bool is_level;
};

/* The granted I/O ports that begin at `first`, for ioport_in and ioport_out. */
[[nodiscard]] err_t driver_ports(uint16_t first, capaddr_t *ports);

/* A PCI function of the granted kind, the first that nobody has; named by its location from now on. */
[[nodiscard]] err_t driver_device(uint16_t vendor, uint16_t device, uint64_t *location);

/* The registers behind one of its BARs, mapped uncached. UNSUPPORTED: they are ports. */
struct driver_registers {
    volatile void *at;
    uint64_t size;
};
[[nodiscard]] err_t driver_registers(uint64_t location, unsigned bar, struct driver_registers *registers);

/* `which` is an ISA line, a location, or a message: location | number << 16. The interrupt arrives from now on as notification `bit` (0 to 61). */
struct driver_request {
    enum monitor_interrupt kind;
    uint64_t which;
    unsigned bit;
};
[[nodiscard]] err_t driver_interrupt(const struct driver_request *request, struct driver_interrupt *interrupt);

/* Waits until it arrives, false at the deadline (TSC; 0: none). Several arrivals may have become one: look at the device. */
bool driver_wait(const struct driver_interrupt *interrupt, uint64_t deadline);

/* The device is quiet: a level-triggered line may interrupt again. Nothing to do for others. */
[[nodiscard]] err_t driver_done(const struct driver_interrupt *interrupt);

#endif
