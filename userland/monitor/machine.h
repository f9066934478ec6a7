/* What this monitor was started with: the boot data page, and the memory capabilities that stand one after the other in
   the memory CNode. RAM goes to the allocator (ram.h), device memory is looked up here by address. */
#ifndef MONITOR_MACHINE_H
#define MONITOR_MACHINE_H

#include <skerry/base.h>

static inline const struct boot_data *boot_data(void) {
    return (const struct boot_data *)USER_BOOT_DATA_VADDR;
}

static inline coreid_t this_core(void) {
    return boot_data()->core;
}

static inline bool is_emulated(void) {
    return (boot_data()->flags & BOOT_FLAG_EMULATED) != 0;
}

/* Is this word in the kernel command line, alone between spaces? */
[[nodiscard]] bool machine_option(const char *word);

/* Takes the memory CNode in. */
void machine_init(void);

/* Makes so much of this core's other RAM, in one run of whole chunks, pool memory. NO_MEMORY: it has none. */
[[nodiscard]] err_t machine_grow_pool(uint64_t bytes);

/* Another RAM capability for the allocator. */
void machine_add_ram(capaddr_t cap, paddr_t base, uint64_t size);

/* Maps read-only whatever device memory holds [base, base + size), for good. NOT_FOUND: no capability covers it. */
[[nodiscard]] err_t machine_map(paddr_t base, uint64_t size, const void **at);

/* This is the core that the loader started: devices and ports are its own. */
[[nodiscard]] bool machine_booted_here(void);

/* The n-th range of device memory that this core was born with. */
[[nodiscard]] bool machine_device_found(unsigned n, paddr_t *base, uint64_t *size);

/* A capability for what another core owns. */
struct foreign {
    unsigned type;   /* FRAME, DEVICE or IOPORT */
    unsigned rights; /* RIGHT_* */
    coreid_t owner;  /* not this core */
    uint64_t base, size;
};
[[nodiscard]] err_t machine_forge(const struct foreign *what, capaddr_t *cap);

/* A capability for device memory, whole pages. The core that booted has it all and gives each piece once (BUSY); other cores'
   are foreign ones, so whoever asks sees to it that nobody else has the device. */
[[nodiscard]] err_t machine_device(paddr_t base, uint64_t size, capaddr_t *cap);

/* A capability for all the device memory around an address, for the one domain that manages it. */
[[nodiscard]] err_t machine_device_whole(paddr_t base, capaddr_t *cap);

/* As machine_device, for I/O ports. */
[[nodiscard]] err_t machine_ports(uint64_t first, uint64_t count, capaddr_t *cap);

/* Ends the run; returns where the machine has no port for that. */
[[nodiscard]] err_t machine_exit(uint64_t code);

/* A capability for `count` units from `first` on, out of CAP_IOPORT, CAP_IRQ or CAP_CORES. */
[[nodiscard]] err_t machine_range(capaddr_t from, uint64_t first, uint64_t count, capaddr_t *cap);

#endif
