/* The other cores in the order of their distance, the nearest first. */
#ifndef MONITOR_NEAREST_H
#define MONITOR_NEAREST_H

#include <skerry/base.h>

/* Tries one core after the other, those that do not answer left out, until `attempt` says OK. NOT_FOUND: there is none. */
[[nodiscard]] err_t neighbours_try(err_t (*attempt)(coreid_t id, void *argument), void *argument);

#endif
