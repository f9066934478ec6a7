/* What the knowledge base says of groups of cores and of the protocol for messages to many (skb/rules/tree.dl): the home's monitor
   asks its core's replica whenever a core has come or gone, somebody has told something, or the home is a new one, checks every
   word, and goes by it (groups.h). An answer that makes no sense, or none, leaves everything as it is, and the log says so. */
#ifndef MONITOR_ADVICE_H
#define MONITOR_ADVICE_H

#include <skerry/base.h>

/* Once this core takes part in the membership; at the core that booted the others have been let in. */
[[nodiscard]] err_t advice_begin(void);

/* Something may be others. Waits for nothing; not the home's: nothing. */
void advice_look(void);

/* At the home: until all that was to be looked at when this began has been, though not for long. */
void advice_await(void);

#endif
