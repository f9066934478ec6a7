/*
 * The end of a CPU driver: a record on its own port that the toolkit symbolises, then silence. The other cores go on.
 *
 * Line formats are read by tools/skerry; the record ends with PANIC-END.
 */
#pragma once

#include "core/base.h"

enum panic_kind { PANIC_FATAL, PANIC_PRACTICE, PANIC_ASSERT, PANIC_FAULT, PANIC_UBSAN, PANIC_STACK };

struct context;

/* `context` is the state at fault, or NULL for the caller's own. */
[[gnu::noreturn, gnu::format(printf, 3, 4)]] void panic_at(enum panic_kind kind, const struct context *context,
                                                           const char *format, ...);

#define panic(...) panic_at(PANIC_FATAL, NULL, __VA_ARGS__)
