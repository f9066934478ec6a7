/* The domains that this monitor started: from spawn to end, and what is left of them for those who ask. */
#ifndef MONITOR_DOMAINS_H
#define MONITOR_DOMAINS_H

#include <if/monitor.h>
#include <skerry/base.h>
#include <skerry/ram.h>

#include "monitor/trace.h"

struct domain {
    uint32_t number;  /* 0: this entry is free */
    uint32_t starter; /* the domain that asked for it, on whatever core; 0: the monitor itself, as for the first ones */
    char name[MONITOR_NAME_BYTES];
    bool operator;  /* may end cores and the machine: the shell that the monitor itself started */
    bool reporting; /* it has said how it ends */
    enum monitor_end end;
    uint64_t status;
    struct ram_block block; /* all that it was made of */
    capaddr_t ram;          /* that, as a capability: revoking it ends the domain */
    capaddr_t dispatcher;
    struct trace_source trace;
};

struct domain_line {
    uint32_t number;
    uint64_t state; /* enum dispatcher_state */
    uint64_t ticks, upcalls;
    uint64_t name[MONITOR_NAME_WORDS];
};

/* Domains that have not ended, without the monitor itself. */
unsigned domains_running(void);

/* Those of them that the monitor itself started. */
unsigned domains_own(void);

/* Ends a domain of this core, when `asker` may: it started it, or is an operator. Everything has returned afterwards. */
struct domain_kill {
    uint32_t number, asker;
    bool operator;
};
[[nodiscard]] err_t domain_kill(const struct domain_kill *kill);

/* A free entry with a new number; an ended domain's is used again when there is no other. */
[[nodiscard]] err_t domain_new(const char *name, struct domain **domain);
void domain_discard(struct domain *domain);

/* Watches for domains whose dispatcher has stopped without a word: by the CPU driver, or by themselves. */
[[nodiscard]] err_t domains_watch(void);

/* The domain has begun to say how it ends: not a case for the watch. False if it had before, or is not there. */
[[nodiscard]] bool domain_reports(uint32_t number);

/* What an ended domain had lent to other cores is back, or some of it. */
void domain_loans_returned(uint32_t number);

/* The domain has said that it ends, or was found faulty: everything it held returns. */
void domain_ended(uint32_t number, enum monitor_end end, uint64_t status);

/* This core is about to be stopped: all its domains end, no new one is taken (PEER_DEAD). Returns how many there were. */
unsigned domains_leave(void);

/* NULL: no such domain, or forgotten. */
const struct domain *domain_find(uint32_t number);

/* One of this core's domains that has not ended, or the monitor itself. */
bool domain_lives(uint32_t number);

/* Who waits for whose end, at most until the deadline (TSC), and only as long as it lives itself. */
struct domain_wait {
    uint32_t number, asker;
    uint64_t deadline;
};
[[nodiscard]] err_t domain_wait(const struct domain_wait *wait, enum monitor_end *end, uint64_t *status);

/* The n-th domain for `ps`; the monitor itself is the first. */
[[nodiscard]] err_t domain_line(uint64_t n, struct domain_line *line);

#endif
