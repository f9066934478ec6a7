/* The key-value table that applications of all cores share: this core's replica (kv.h says what a reader may rely on). Any
   domain may read and put any key: who shares keys agrees on them. */
#ifndef MONITOR_KEYS_H
#define MONITOR_KEYS_H

#include <skerry/base.h>

/* The engine's client; before it starts. */
void keys_init(void);

/* After it has started. */
void keys_begin(void);

/* Every replica has it. TIMEOUT: it has not happened; NO_MEMORY: the table is full. */
[[nodiscard]] err_t keys_put(uint64_t key, uint64_t value, uint64_t deadline);

/* NOT_FOUND. At once, or, when it is to be linearisable, while no put of this key is under way here. */
[[nodiscard]] err_t keys_get(uint64_t key, bool linearisable, uint64_t deadline, uint64_t *value);

#endif
