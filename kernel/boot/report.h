/*
 * The loader's words: lines beginning `loader: ` on core 0's debug port.
 *
 * Formats as in C, but only %s, %c, %u, %x, %lu, %lx. The line's end is added.
 */
#pragma once

#include <stdint.h>

[[gnu::format(printf, 1, 2)]] void report_line(const char *format, ...);

/* A line that also goes to COM1, for people who started QEMU by hand: the last one of a run that fails. */
[[gnu::format(printf, 1, 2)]] void report_last(const char *format, ...);

/*
 * The last line, `what: what is wrong; what to do next`. Ends the run with a code of the contract, or stops the core when
 * the machine has no exit port.
 */
[[gnu::noreturn, gnu::format(printf, 2, 3)]] void report_fail(unsigned code, const char *format, ...);
