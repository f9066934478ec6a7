/* The cores of this machine as this monitor sees them: its own view, not an agreed one. A core that lets a deadline
   pass is SILENT from then on; any message from it makes it ANSWERING again. One that was stopped is
   STOPPED until it is started again. */
#ifndef MONITOR_CORES_H
#define MONITOR_CORES_H

#include <if/monitor.h>
#include <skerry/base.h>

#include "monitor/park.h"

#define NO_APIC 0xffffffffu

struct link;

struct core {
    uint32_t apic; /* NO_APIC: not known here */
    enum monitor_core_state state;
    err_t why; /* of a core that was not started */
    uint64_t uptime_us;
    uint64_t build_id[MONITOR_BUILD_ID_WORDS];
    struct link *link; /* direct channel, NULL: none */
    capaddr_t cap;     /* of this one core, from CAP_CORES; CAP_NULL: not made yet */
    struct park park;  /* of a core that this monitor has fenced or started */
    bool greeted;      /* it has said hello since it was started */
};

/* Makes the table, or makes it longer. */
void cores_init(uint32_t count);

/* Cores that the machine has, as far as this monitor knows. */
uint32_t core_count(void);

/* NULL when there is no such core. */
struct core *core_get(coreid_t id);

void core_heard(coreid_t id);
void core_silent(coreid_t id);

/* The CPU driver's build id of this core. */
void core_own_build_id(uint64_t word[MONITOR_BUILD_ID_WORDS]);

/* The capability for the core with this APIC id; `vector` 0 gives the one that may start it (it stays in the table),
   else a new one that may interrupt it with that vector. */
[[nodiscard]] err_t core_capability(struct core *core, uint64_t vector, capaddr_t *cap);

/* More emulated cores than this share too few host CPUs for all of them to do at once what each of them has to do. */
#define CROWD 64

/* When it is this core's turn: so long after the others began. 0: there is no crowd. */
uint64_t crowd_turn_ms(void);

/* How long this monitor waits for another's answer. */
uint64_t peer_deadline_ms(void);

#endif
