/* Asks for hardware that etc/devices does not grant to it, in every way there is: of its monitor, and of the domains that own
   shared hardware. All must be refused; it fails when one is not. */
#include <if/ioapic_client.h>
#include <if/pci_client.h>
#include <skerry/domain.h>
#include <skerry/driver.h>
#include <skerry/print.h>

#define FIND_MS 2000

static unsigned given;

static void expect_refusal(const char *what, err_t err) {
    printf("%s: %s\n", what, err_name(err));
    given += err == ERR_OK;
}

static err_t route_line(void) {
    struct binding ioapic;
    TRY(ioapic_bind(&ioapic, FIND_MS));
    return ioapic_call_route(&ioapic, 1, 1, 0, VECTOR_EDGE_FIRST, 0);
}

static err_t claim_function(void) {
    struct binding pci;
    uint32_t location;
    TRY(pci_bind(&pci, FIND_MS));
    return pci_call_claim(&pci, 1, 0x123411e8, &location);
}

static err_t ask_monitor(struct lrpc_call call) {
    return domain_ask(&call);
}

static void ask_driver_library(void) {
    struct driver_request line = {MONITOR_INTERRUPT_ISA, 1, 1}, messages = {MONITOR_INTERRUPT_MSI, 8, 1};
    struct driver_interrupt interrupt;
    struct driver_registers registers;
    capaddr_t ports;
    uint64_t location;
    expect_refusal("the keyboard's ports", driver_ports(0x60, &ports));
    expect_refusal("the port that ends the machine", driver_ports(PORT_EXIT, &ports));
    expect_refusal("the keyboard's line", driver_interrupt(&line, &interrupt));
    expect_refusal("a PCI function", driver_device(0x1234, 0x11e8, &location));
    expect_refusal("another's registers", driver_registers(8, 0, &registers));
    expect_refusal("another's messages", driver_interrupt(&messages, &interrupt));
}

int main(int argc, char **argv) {
    (void)argc, (void)argv;
    ask_driver_library();
    expect_refusal("a vector that it was not given",
                   ask_monitor((struct lrpc_call){.operation = MONITOR_INTERRUPT_ON, .request = {VECTOR_EDGE_FIRST}}));
    if (domain_args()->core == 0) {
        expect_refusal("a line, of the interrupt controller", route_line());
        expect_refusal("a function, of the PCI domain", claim_function());
    }
    printf("refused: %u given\n", given);
    return given == 0 ? 0 : 1;
}
