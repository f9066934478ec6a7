/* This core's replica of the record of who owns which memory (land.h), and the changes that this core makes to it. */
#ifndef MONITOR_OWNERSHIP_H
#define MONITOR_OWNERSHIP_H

#include <skerry/agree.h>
#include <skerry/base.h>

struct ram_range {
    paddr_t base;
    uint64_t size; /* whole chunks */
};

#define OWNER_KEPT 257   /* no core: a dead one's, and others hold some of it (survivors.h) */
#define OWNER_COMMON 256 /* no core: it stays what it is, whoever dies */

void ownership_init(void);

/* With the first view, or as one to be let in: all whole chunks of RAM that this core was born with are its own. */
void ownership_begin(void);

/* The core that booted, before it starts others: where it is parked, and where devices are. */
void ownership_found(void);

/* The range is that core's from now on: all live cores have written it down. TIMEOUT: nobody has. */
[[nodiscard]] err_t ownership_give(const struct ram_range *range, unsigned owner);

/* This core has the record, or what is left of it. */
[[nodiscard]] bool ownership_is_known(void);

/* Where a core is parked, how often it was started, and its APIC id. */
struct core_record {
    paddr_t park; /* 0: it has no park block */
    uint32_t starts, apic;
};
[[nodiscard]] err_t ownership_set_core(coreid_t core, const struct core_record *record);
struct core_record ownership_core(coreid_t core);

/* The page below 1 MiB through which a core may be brought to its park block from a reset; 0: there is none. */
[[nodiscard]] err_t ownership_set_trampoline(paddr_t page);
paddr_t ownership_trampoline(void);

/* The first range of this owner at or behind an address; false: there is none. */
[[nodiscard]] bool ownership_next(unsigned owner, paddr_t from, struct ram_range *range);
uint64_t ownership_bytes(unsigned owner);

/* Of the whole record: the run from the `*at`-th on, and behind it; false: there is none. */
struct owned_run {
    struct ram_range range;
    unsigned owner;
};
[[nodiscard]] bool ownership_run(uint64_t *at, struct owned_run *run);

/* For practice (audit.h): this replica alone takes the last chunk of this core's for another core's, or does so no longer.
   BUSY: it does so already; NOT_FOUND: it does not, or there is no such chunk. */
[[nodiscard]] err_t ownership_err(bool err);

/* The device memory around a range of addresses; false: there is none. */
[[nodiscard]] bool ownership_device(paddr_t base, uint64_t size, struct ram_range *whole);

#endif
