/* The part of services.c that is about what all cores agree on: one function an operation of monitor.h. */
#ifndef MONITOR_SERVICES_AGREED_H
#define MONITOR_SERVICES_AGREED_H

#include <skerry/lrpc.h>

err_t serve_members(const struct lrpc_request *request, uint64_t *reply, capaddr_t *cap);
err_t serve_practice(const struct lrpc_request *request, uint64_t *reply, capaddr_t *cap);
err_t serve_key_put(const struct lrpc_request *request, uint64_t *reply, capaddr_t *cap);
err_t serve_key_get(const struct lrpc_request *request, uint64_t *reply, capaddr_t *cap);
err_t serve_trees(const struct lrpc_request *request, uint64_t *reply, capaddr_t *cap);
err_t serve_told(const struct lrpc_request *request, uint64_t *reply, capaddr_t *cap);

#endif
