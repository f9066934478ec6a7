/* How one core is started: at boot, and again after it was stopped. */
#ifndef MONITOR_STARTING_H
#define MONITOR_STARTING_H

#include <skerry/ram.h>

#include "monitor/cores.h"

#define START_WINDOW 32 /* starts from reset under way at a time */

/* Decides how much of the machine's RAM each of so many cores gets to begin with. */
void starting_init(uint64_t cores, const struct ram_totals *ram);

/* Lays the core out in memory of its own and sends it there; does not wait for its hello. `image_class` NULL: its own
   image. NOT_FOUND: no such image in the archive; FORMAT: it is damaged. */
[[nodiscard]] err_t starting_core(coreid_t id, const char *image_class);

/* Brings a core to its park block through a reset, when no NMI does. */
[[nodiscard]] err_t starting_reset(struct core *core, coreid_t id);

/* By when a core that has been started must have said hello. */
uint64_t starting_deadline(void);

#endif
