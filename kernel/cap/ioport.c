/*
 * IOPORT capabilities: ranges of I/O ports. User space has no port instructions; every access is an invocation.
 */
#include "cap/invoke.h"
#include "x86_64/port.h"

static err_t port_decode(const struct cap *cap, uint64_t port, uint64_t width) {
    if (width != 1 && width != 2 && width != 4) {
        return ERR_ARGUMENT;
    }
    return port >= cap->base && port < cap->base + cap->size && width <= cap->base + cap->size - port ? ERR_OK
                                                                                                      : ERR_ARGUMENT;
}

err_t inv_ioport_in(struct invocation *inv) {
    TRY(port_decode(&inv->cap->cap, inv->word[0], inv->word[1]));
    inv->result[0] = port_in((uint16_t)inv->word[0], (unsigned)inv->word[1]);
    return ERR_OK;
}

err_t inv_ioport_out(struct invocation *inv) {
    TRY(port_decode(&inv->cap->cap, inv->word[0], inv->word[1]));
    port_out((uint16_t)inv->word[0], (unsigned)inv->word[1], (uint32_t)inv->word[2]);
    return ERR_OK;
}

err_t inv_ioport_write(struct invocation *inv) {
    uint64_t count = inv->word[1];
    TRY(port_decode(&inv->cap->cap, inv->word[0], 1));
    if (count > 4 * sizeof(uint64_t)) {
        return ERR_ARGUMENT;
    }
    const uint8_t *bytes = (const uint8_t *)&inv->word[2];
    for (uint64_t i = 0; i < count; i++) {
        port_out8((uint16_t)inv->word[0], bytes[i]);
    }
    return ERR_OK;
}
