/* Starting programs of the boot archive as new domains, on any core, and what becomes of them.
   A new domain gets its arguments, the capabilities that go along (in slots CAP_GIVEN and on, in their order; the argument page's
   `given` has their bits), and memory: the usual, or RAM that its starter gives. Of such memory it is made entirely, so that it
   and whatever it makes have no more; when it has ended the RAM is the starter's again, and when the starter revokes the RAM,
   or ends, the domain ends. */
#ifndef SKERRY_SPAWN_H
#define SKERRY_SPAWN_H

#include <if/monitor.h>
#include <skerry/ram.h>

#define SPAWN_HERE 0xffff
#define SPAWN_CAPABILITIES 8

struct spawn {
    const char *const *argv; /* the program's name first */
    unsigned argc;
    coreid_t core; /* SPAWN_HERE: this one */
    const capaddr_t *give;
    unsigned give_count;    /* up to SPAWN_CAPABILITIES, with GRANT; gone afterwards, whatever happens */
    capaddr_t ram;          /* RAM of the pool to make it of; CAP_NULL: the monitor's. The same */
    uint64_t own_ram_pages; /* of the monitor's memory; 0: the usual. Other numbers are for operators (CAP_RIGHTS) */
};

struct spawn_end {
    enum monitor_end end;
    int64_t status; /* of exit */
};

/* NOT_FOUND: no such program, or core; NO_MEMORY; FOREIGN: capabilities go along to domains of this core only. */
[[nodiscard]] err_t spawn_domain(const struct spawn *spawn, uint32_t *domain);

/* Its end, wherever it runs, or MONITOR_END_RUNNING when the deadline passes first. NOT_FOUND: forgotten, or there was none. */
[[nodiscard]] err_t spawn_wait(uint32_t domain, uint64_t deadline_ms, struct spawn_end *end);

/* Ends a domain that this one started; all that it had has returned then. */
[[nodiscard]] err_t spawn_kill(uint32_t domain);

#endif
