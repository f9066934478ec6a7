/* The part of services.c that is about hardware: one function an operation of monitor.h. */
#ifndef MONITOR_SERVICES_HARDWARE_H
#define MONITOR_SERVICES_HARDWARE_H

#include <skerry/lrpc.h>

err_t serve_ports(const struct lrpc_request *request, uint64_t *reply, capaddr_t *cap);
err_t serve_device(const struct lrpc_request *request, uint64_t *reply, capaddr_t *cap);
err_t serve_bar(const struct lrpc_request *request, uint64_t *reply, capaddr_t *cap);
err_t serve_interrupt(const struct lrpc_request *request, uint64_t *reply, capaddr_t *cap);
err_t serve_interrupt_on(const struct lrpc_request *request, uint64_t *reply, capaddr_t *cap);

#endif
