#include "monitor/services_hardware.h"

#include "monitor/devices.h"

err_t serve_ports(const struct lrpc_request *request, uint64_t *reply, capaddr_t *cap) {
    return device_ports((uint32_t)request->badge, request->payload[0], &reply[0], cap);
}

err_t serve_device(const struct lrpc_request *request, uint64_t *reply, capaddr_t *cap) {
    (void)cap;
    return device_claim((uint32_t)request->badge, request->payload[0], &reply[0]);
}

err_t serve_bar(const struct lrpc_request *request, uint64_t *reply, capaddr_t *cap) {
    struct device_bar bar = {.location = request->payload[0], .bar = request->payload[1]};
    TRY(device_bar((uint32_t)request->badge, &bar, cap));
    reply[0] = bar.base;
    reply[1] = bar.size;
    reply[2] = bar.flags;
    return ERR_OK;
}

err_t serve_interrupt(const struct lrpc_request *request, uint64_t *reply, capaddr_t *cap) {
    return device_interrupt((uint32_t)request->badge, request->payload, &reply[0], cap);
}

err_t serve_interrupt_on(const struct lrpc_request *request, uint64_t *reply, capaddr_t *cap) {
    (void)reply, (void)cap;
    return device_interrupt_on((uint32_t)request->badge, request->payload[0]);
}
