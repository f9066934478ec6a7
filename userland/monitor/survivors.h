/* Memory of a dead core that others still have a capability for (shared_ends.h). The home, which takes a dead core's memory back,
   keeps out of use what contains some, until the last holder has dropped it. Each holder says so whenever a core is let go of,
   for the last holder may have been on that one. */
#ifndef MONITOR_SURVIVORS_H
#define MONITOR_SURVIVORS_H

#include "monitor/loans.h"

/* At a holder; waits. */
void survivor_stays(const struct memory *memory);
void survivor_gone(const struct memory *memory);

/* PEER_SURVIVES, at home */
err_t survivors_serve(const struct peer_message *request, uint64_t reply[PEER_PAYLOAD - 1]);

/* The home's: round a core's being let go of by everybody. What nobody spoke of in between is held by nobody. */
void survivors_ask(void);
void survivors_asked(void);

/* Is some of it held? */
bool survivors_in(paddr_t base, uint64_t size);

#endif
