/* Revoke across cores. Memory of this core that has gone to others over channels (loans.h) is marked, and the CPU driver
   refuses to revoke or divide it (SHARED) without asking anybody; only then is the monitor asked, so what has no relatives
   elsewhere costs no message.
   A recall is one transaction of the agreement engine among the cores that hold such a loan. Each revokes what it has of the
   memory, copies and mappings, before it acknowledges; when all that live have, the marks go, and the local revoke does the
   rest. The dead hold nothing from the view that says so on. It never fails half-way: one phase is decided from the start.
   - It commutes with other recalls: what is gone already is no error. Only who owns memory recalls it, for only its own
     loans are looked at.
   - A loan that is just being made is waited for, and one that begins meanwhile waits (loans.c): no loan slips through. */
#ifndef MONITOR_RECALL_H
#define MONITOR_RECALL_H

#include <skerry/base.h>

/* The engine's client; before it starts. */
void recall_init(void);

/* MONITOR_RECALL: no other core has any of this memory when it returns OK. CAP_TYPE, FOREIGN, CAP_RIGHTS; SHARED: not lent
   itself, but a part of something that is; TIMEOUT: a loan is still being made, or was never answered. */
[[nodiscard]] err_t recall(capaddr_t cap);

#endif
