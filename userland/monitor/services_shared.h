/* The part of services.c that is about memory which several cores have capabilities for: one function an operation of monitor.h. */
#ifndef MONITOR_SERVICES_SHARED_H
#define MONITOR_SERVICES_SHARED_H

#include <skerry/lrpc.h>

err_t serve_share(const struct lrpc_request *request, uint64_t *reply, capaddr_t *cap);
err_t serve_shared_send(const struct lrpc_request *request, uint64_t *reply, capaddr_t *cap);
err_t serve_shared_retype(const struct lrpc_request *request, uint64_t *reply, capaddr_t *cap);
err_t serve_shared_revoke(const struct lrpc_request *request, uint64_t *reply, capaddr_t *cap);
err_t serve_shared_delete(const struct lrpc_request *request, uint64_t *reply, capaddr_t *cap);
err_t serve_shared_move(const struct lrpc_request *request, uint64_t *reply, capaddr_t *cap);
err_t serve_shared_info(const struct lrpc_request *request, uint64_t *reply, capaddr_t *cap);

#endif
