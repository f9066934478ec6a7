/* Prints the PCI functions of this machine: where, what (vendor:device, class), who has it, addresses, capabilities. */
#include <if/monitor.h>
#include <if/pci.h>
#include <skerry/domain.h>
#include <skerry/print.h>

#define FIND_MS 2000

static struct lrpc_binding pci;

static void print_bars(uint64_t location) {
    for (uint64_t bar = 0; bar < PCI_BARS; bar++) {
        struct lrpc_call call = {.operation = PCI_BAR, .request = {location, bar}};
        if (lrpc_call(&pci, &call) != ERR_OK) {
            continue;
        }
        printf("    bar %lu: %s 0x%lx, 0x%lx bytes%s%s\n", bar,
               (call.reply[3] & PCI_BAR_PORTS) != 0 ? "ports" : "memory", call.reply[1], call.reply[2],
               (call.reply[3] & PCI_BAR_WIDE) != 0 ? ", 64 bits" : "",
               (call.reply[3] & PCI_BAR_PREFETCH) != 0 ? ", prefetchable" : "");
    }
}

static void print_function(const uint64_t *f) {
    uint64_t location = f[0], has = f[3], owner = f[4];
    printf("%02lx:%02lx.%lx %04lx:%04lx class %04lx.%02lx%s%s%s%s", location >> 8, location >> 3 & 31, location & 7,
           f[1] >> 16, f[1] & 0xffff, f[2] >> 16, f[2] >> 8 & 0xff, (has & PCI_IS_BRIDGE) != 0 ? " bridge" : "",
           (has & PCI_HAS_MSI) != 0 ? " msi" : "", (has & PCI_HAS_MSIX) != 0 ? " msi-x" : "",
           (has & PCI_HAS_EXPRESS) != 0 ? " express" : "");
    if (owner != 0) {
        printf(", domain %u.%u has it", DOMAIN_CORE(owner), DOMAIN_COUNT(owner));
    }
    printf("\n");
}

int main(int argc, char **argv) {
    (void)argv;
    if (argc != 1) {
        printf("lspci takes no arguments\n");
        return 1;
    }
    if (domain_bind(PCI_NAME, FIND_MS, &pci) != ERR_OK) {
        printf("no PCI domain on this core: it is on core 0\n");
        return 1;
    }
    for (uint64_t n = 0;; n++) {
        struct lrpc_call call = {.operation = PCI_FUNCTION, .request = {n}};
        err_t err = lrpc_call(&pci, &call);
        if (err == ERR_NOT_FOUND) {
            return 0;
        }
        if (err != ERR_OK) {
            printf("%s\n", err_doc(err));
            return 1;
        }
        print_function(&call.reply[1]);
        print_bars(call.reply[1]);
    }
}
