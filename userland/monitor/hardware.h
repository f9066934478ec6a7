/* Calls to the domains that own shared hardware, from any core: both are at home (home.h), whose monitor they obey. */
#ifndef MONITOR_HARDWARE_H
#define MONITOR_HARDWARE_H

#include <if/peer.h>
#include <skerry/base.h>

#include "monitor/peers.h"

#define HARDWARE_WORDS (PEER_PAYLOAD - 1)

enum hardware { HARDWARE_IOAPIC, HARDWARE_PCI };

struct hardware_call {
    enum hardware which;
    uint16_t operation; /* enum ioapic_operation or pci_operation */
    uint64_t request[HARDWARE_WORDS];
    uint64_t reply[HARDWARE_WORDS];
};

[[nodiscard]] err_t hardware_call(struct hardware_call *call);

/* PEER_HARDWARE, at home. */
[[nodiscard]] err_t hardware_serve(const struct peer_message *request, uint64_t reply[PEER_PAYLOAD - 1]);

#endif
