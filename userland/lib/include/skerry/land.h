/* Who owns which memory: the record from which authority is re-created when a core has died, the same on every live core.

   RAM changes hands by whole chunks. Each is one core's, or COMMON: it stays what it is, whoever dies, or KEPT, until the one that
   takes back what the dead had takes that, too. Besides, for each core
   where it is parked and how often it was started, and which ranges of addresses are devices.

   A change is a one-phase transaction over all live cores (agree.h). Only a chunk's owner gives it away, or, when that is dead,
   the one core that takes its memory back, after all that the dead had begun has ended. Who gets it may give it on at once,
   and that change may come to a third core before the first one does. So each is stamped: the engine's stamps are above
   all that its core has seen, whoever changes a chunk has seen the change that made it his, and the newest wins everywhere.

   A core that is let in knows what it was born with, and asks for a copy (copy.h), stamped likewise: what it hears of changes
   meanwhile is in the copy or not, and counts once. It finds nothing in flight (agree_pause): what the others have then is older
   than whatever comes, and needs no stamps. */
#ifndef SKERRY_LAND_H
#define SKERRY_LAND_H

#include <skerry/copy.h>

#ifndef LAND_RUNS
#define LAND_RUNS 2048
#endif
#ifndef LAND_DEVICES
#define LAND_DEVICES 64
#endif

#define LAND_COMMON AGREE_CORES     /* as an owner: it stays what it is */
#define LAND_KEPT (AGREE_CORES + 1) /* a dead core's, and not free */
#define LAND_NOBODY UINT32_MAX      /* not RAM, or of a chunk only a part */

struct land_run {
    uint64_t first, count; /* chunks; the first one's address is first * CHUNK_SIZE */
    uint64_t owner;        /* a core, LAND_COMMON or LAND_KEPT */
    uint64_t stamp;        /* of the change that made it so; 0: none did */
};

struct land_core {
    uint64_t park;         /* address of its park block; 0: it has none */
    uint32_t starts, apic; /* how often it was started; its APIC id */
};

struct land_device {
    uint64_t base, size;
};

struct land {
    struct copy copy;
    /* This core's from now on, by another's change; it is told once of each. May be NULL. */
    void (*arrived)(struct land *land, const struct land_run *run);
    uint64_t lost; /* runs that had no room */
    uint64_t runs, devices;
    uint64_t trampoline;            /* page through which a core comes from its reset; 0: none */
    struct land_run run[LAND_RUNS]; /* by address; neighbours by one change are one */
    struct land_core core[AGREE_CORES];
    struct land_device device[LAND_DEVICES];
};

enum land_change {
    LAND_RAM = 1,   /* first chunk, chunks, owner */
    LAND_CORE,      /* core, park block, starts | APIC id << 32 */
    LAND_TRAMPOLINE /* page */
};

void land_init(struct land *land, struct agree *agree, unsigned client);

/* Before anybody else is live. */
void land_add_device(struct land *land, uint64_t base, uint64_t size);

/* Something that this core knows without having been told: of use before anybody else is live, and for what it was born with. */
void land_set(struct land *land, const struct land_run *run);

/* The request of a change, to be submitted by the owner. */
void land_request(const struct land *land, enum land_change what, const uint64_t word[3],
                  struct agree_request *request);

/* A chunk's owner. */
unsigned land_owner(const struct land *land, uint64_t chunk);

/* The first run of this owner at or behind a chunk, whatever changes made it so; false: there is none. */
bool land_next(const struct land *land, unsigned owner, uint64_t chunk, struct land_run *run);

/* Chunks of this owner. */
uint64_t land_count(const struct land *land, unsigned owner);

/* For the owner's agree_client. */
void land_finish(struct land *land, const struct agree_work *work, enum agree_end end);
void land_note(struct land *land, unsigned from, const uint64_t op[AGREE_WORDS]);
void land_viewed(struct land *land, const struct agree_set *dead, const struct agree_set *joined);

#endif
