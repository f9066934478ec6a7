/* The end of channels; see bind.h. */
#ifndef MONITOR_UNBIND_H
#define MONITOR_UNBIND_H

#include "monitor/ends.h"

/* An end whose making failed, or whose domain or peer went meanwhile: undoes it, here and, where it may be known, there. */
void unbind_made(struct end *end, err_t why);

/* The same where the domain may have accepted the channel: it is told. */
void unbind_offered(struct end *end, err_t why);

#endif
