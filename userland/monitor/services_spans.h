/* What this monitor does for domains that span cores; see spans.h. */
#ifndef MONITOR_SERVICES_SPANS_H
#define MONITOR_SERVICES_SPANS_H

#include <skerry/lrpc.h>

err_t serve_span(const struct lrpc_request *request, uint64_t *reply, capaddr_t *cap);
err_t serve_span_start(const struct lrpc_request *request, uint64_t *reply, capaddr_t *cap);
err_t serve_span_map(const struct lrpc_request *request, uint64_t *reply, capaddr_t *cap);
err_t serve_span_change(const struct lrpc_request *request, uint64_t *reply, capaddr_t *cap);
err_t serve_span_fault(const struct lrpc_request *request, uint64_t *reply, capaddr_t *cap);

#endif
