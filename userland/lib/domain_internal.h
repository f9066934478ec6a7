/* Names as the monitor has them, and the one binding that this domain has to each service of its core. */
#ifndef LIB_DOMAIN_INTERNAL_H
#define LIB_DOMAIN_INTERNAL_H

#include <if/monitor.h>
#include <skerry/lrpc.h>

[[nodiscard]] err_t domain_name_words(const char *name, uint64_t word[MONITOR_NAME_WORDS]);

/* NOT_FOUND: there is none, or its server has ended; NO_MEMORY: and there is no room for another one. */
[[nodiscard]] err_t domain_service_find(const uint64_t name[MONITOR_NAME_WORDS], struct lrpc_binding *binding);

/* After domain_service_find has said NOT_FOUND: binds to the endpoint and remembers it. */
[[nodiscard]] err_t domain_service_bind(const uint64_t name[MONITOR_NAME_WORDS], capaddr_t endpoint,
                                        struct lrpc_binding *binding);

/* MONITOR_EXPORT with a second argument: 1, clients of other cores too. */
[[nodiscard]] err_t domain_export_to(const char *name, uint64_t takes_channels);

#endif
