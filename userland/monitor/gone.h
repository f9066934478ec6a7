/* What each monitor does when another core runs no more, and when it has been started again.
   A view that leaves a core out ends the calls to it at once. What was shared with it is let go of in a fibre, for domains are
   told and waited for; that all have done so is a transaction of the monitor that takes the core's memory back. */
#ifndef MONITOR_GONE_H
#define MONITOR_GONE_H

#include <skerry/agree.h>

[[nodiscard]] err_t gone_init(void);

/* A new view. */
void gone_viewed(const struct agree_set *dead, const struct agree_set *live);

/* The core has been fenced, and is in no view: on return nobody has a share in its memory any more. */
[[nodiscard]] err_t gone_everywhere(coreid_t core);

#endif
