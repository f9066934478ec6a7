/* A small table of keys and values, replicated on every core: words that programs on different cores share. A put has happened
   on all of them when it returns, whatever core dies meanwhile; a read asks this core's replica alone, so no other core.
   key_read() is linearisable; key_get() never waits for a put that is under way, and may miss it. */
#ifndef SKERRY_KEYS_H
#define SKERRY_KEYS_H

#include <skerry/base.h>

/* Up to eight characters as a key or value; ARGUMENT: none, or more. */
[[nodiscard]] err_t key_from_text(const char *text, uint64_t *word);

/* 0 deletes the key. TIMEOUT: it has not happened; NO_MEMORY: the table is full. */
[[nodiscard]] err_t key_put(uint64_t key, uint64_t value, uint64_t deadline_ms);

/* NOT_FOUND; TIMEOUT: a put that was under way did not end. */
[[nodiscard]] err_t key_read(uint64_t key, uint64_t deadline_ms, uint64_t *value);
[[nodiscard]] err_t key_get(uint64_t key, uint64_t *value);

#endif
