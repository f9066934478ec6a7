/*
 * This core's log: lines on its own debug port, from the first instruction on, in a panic too.
 *
 * Formats know %s %c %u %d %x %p %% with l for 64 bits, width and zero padding; nothing else.
 */
#pragma once

#include <stdarg.h>

#include "core/base.h"

/* Time 0 of the stamps and TSC ticks a millisecond. Before this call stamps are 0. */
void log_init(uint64_t start_tsc, uint64_t tsc_khz);

/* TSC at time 0. */
uint64_t log_start(void);

/* One line with a time stamp. */
[[gnu::format(printf, 1, 2)]] void log_line(const char *format, ...);

/* A line in pieces: stamp, text, end. */
void log_begin(void);
[[gnu::format(printf, 1, 2)]] void log_text(const char *format, ...);
void log_vtext(const char *format, va_list args);
void log_end(void);
