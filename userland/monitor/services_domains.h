/* The part of services.c that is about domains: one function an operation of monitor.h. */
#ifndef MONITOR_SERVICES_DOMAINS_H
#define MONITOR_SERVICES_DOMAINS_H

#include <skerry/lrpc.h>

#define REPLY_WORDS (LRPC_PAYLOAD - 1)

/* Whoever may end cores and the machine. Everybody else's request comes from who knows what program. */
bool is_operator(uint64_t badge);

err_t serve_export(const struct lrpc_request *request, uint64_t *reply, capaddr_t *cap);
err_t serve_lookup(const struct lrpc_request *request, uint64_t *reply, capaddr_t *cap);
err_t serve_ps(const struct lrpc_request *request, uint64_t *reply, capaddr_t *cap);
err_t serve_provide(const struct lrpc_request *request, uint64_t *reply, capaddr_t *cap);
err_t serve_spawn(const struct lrpc_request *request, uint64_t *reply, capaddr_t *cap);
err_t serve_wait(const struct lrpc_request *request, uint64_t *reply, capaddr_t *cap);
err_t serve_kill(const struct lrpc_request *request, uint64_t *reply, capaddr_t *cap);
err_t serve_leaks(const struct lrpc_request *request, uint64_t *reply, capaddr_t *cap);
err_t serve_audit(const struct lrpc_request *request, uint64_t *reply, capaddr_t *cap);
err_t serve_leaks_baseline(const struct lrpc_request *request, uint64_t *reply, capaddr_t *cap);
err_t serve_bind(const struct lrpc_request *request, uint64_t *reply, capaddr_t *cap);
err_t serve_bind_wake(const struct lrpc_request *request, uint64_t *reply, capaddr_t *cap);
err_t serve_lend(const struct lrpc_request *request, uint64_t *reply, capaddr_t *cap);
err_t serve_return(const struct lrpc_request *request, uint64_t *reply, capaddr_t *cap);
err_t serve_recall(const struct lrpc_request *request, uint64_t *reply, capaddr_t *cap);
err_t serve_unbind(const struct lrpc_request *request, uint64_t *reply, capaddr_t *cap);

#endif
