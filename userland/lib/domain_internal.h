/* Names as the monitor has them. */
#ifndef LIB_DOMAIN_INTERNAL_H
#define LIB_DOMAIN_INTERNAL_H

#include <if/monitor.h>
#include <skerry/lrpc.h>

[[nodiscard]] err_t domain_name_words(const char *name, uint64_t word[MONITOR_NAME_WORDS]);

/* MONITOR_EXPORT with a second argument: 1, clients of other cores too. */
[[nodiscard]] err_t domain_export_to(const char *name, uint64_t takes_channels);

/* domain_span.c: what a member of a span does instead of main(). */
NORETURN void domain_span_member(void);

#endif
