/* One call to the monitor each; an interrupt is bound before the monitor lets it arrive. */
#include <abi/stubs.h>
#include <if/pci.h>
#include <skerry/domain.h>
#include <skerry/driver.h>
#include <skerry/event.h>
#include <skerry/slots.h>
#include <skerry/vspace.h>

/* The same for what must come with a capability. */
static err_t ask_capability(struct lrpc_call *call) {
    TRY(domain_ask(call));
    return call->reply_cap != CAP_NULL ? ERR_OK : ERR_FORMAT;
}

err_t driver_ports(uint16_t first, capaddr_t *ports) {
    struct lrpc_call call = {.operation = MONITOR_PORTS, .request = {first}};
    TRY(ask_capability(&call));
    *ports = call.reply_cap;
    return ERR_OK;
}

err_t driver_device(uint16_t vendor, uint16_t device, uint64_t *location) {
    struct lrpc_call call = {.operation = MONITOR_DEVICE, .request = {(uint64_t)vendor << 16 | device}};
    TRY(domain_ask(&call));
    *location = call.reply[1];
    return ERR_OK;
}

err_t driver_registers(uint64_t location, unsigned bar, struct driver_registers *registers) {
    struct lrpc_call call = {.operation = MONITOR_BAR, .request = {location, bar}};
    void *at;
    TRY(ask_capability(&call));
    if ((call.reply[3] & PCI_BAR_PORTS) != 0) {
        slot_release(call.reply_cap);
        return ERR_UNSUPPORTED;
    }
    struct vspace_request request = {call.reply_cap, 0, ALIGN_UP(call.reply[2], PAGE_SIZE),
                                     MAP_READ | MAP_WRITE | MAP_UNCACHED};
    TRY(vspace_map(&request, &at, NULL));
    *registers = (struct driver_registers){at, call.reply[2]};
    return ERR_OK;
}

static err_t bind(capaddr_t irq, unsigned bit) {
    capaddr_t notification;
    TRY(slot_alloc(&notification));
    TRY(dispatcher_notification(CAP_DISPATCHER, slot_word(notification), bit));
    return irq_bind(irq, notification);
}

err_t driver_interrupt(const struct driver_request *request, struct driver_interrupt *interrupt) {
    struct lrpc_call call = {.operation = MONITOR_INTERRUPT, .request = {request->kind, request->which}};
    TRY(ask_capability(&call));
    uint64_t vector = call.reply[1];
    capaddr_t irq = call.reply_cap;
    TRY(bind(irq, request->bit));
    *interrupt = (struct driver_interrupt){irq, request->bit, vector <= VECTOR_LEVEL_LAST};
    call = (struct lrpc_call){.operation = MONITOR_INTERRUPT_ON, .request = {vector}};
    return domain_ask(&call);
}

bool driver_wait(const struct driver_interrupt *interrupt, uint64_t deadline) {
    return notification_wait(interrupt->bit, deadline);
}

err_t driver_done(const struct driver_interrupt *interrupt) {
    return interrupt->is_level ? irq_ack(interrupt->irq) : ERR_OK;
}
