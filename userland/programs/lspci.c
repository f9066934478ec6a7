/* Prints the PCI functions of this machine: where, what (vendor:device, class), who has it, addresses, capabilities. */
#include <if/monitor.h>
#include <if/pci_client.h>
#include <skerry/domain.h>
#include <skerry/print.h>

#define FIND_MS 2000

static struct binding pci;

static void print_bars(uint64_t location) {
    for (uint64_t bar = 0; bar < PCI_BARS; bar++) {
        uint64_t base, size, flags;
        if (pci_call_bar(&pci, location, bar, &base, &size, &flags) != ERR_OK) {
            continue;
        }
        printf("    bar %lu: %s 0x%lx, 0x%lx bytes%s%s\n", bar, (flags & PCI_BAR_PORTS) != 0 ? "ports" : "memory", base,
               size, (flags & PCI_BAR_WIDE) != 0 ? ", 64 bits" : "",
               (flags & PCI_BAR_PREFETCH) != 0 ? ", prefetchable" : "");
    }
}

struct function {
    uint32_t location, ids, class_code;
    uint64_t capabilities, owner;
};

static void print_function(const struct function *f) {
    printf("%02x:%02x.%x %04x:%04x class %04x.%02x%s%s%s%s", f->location >> 8, f->location >> 3 & 31, f->location & 7,
           f->ids >> 16, f->ids & 0xffff, f->class_code >> 16, f->class_code >> 8 & 0xff,
           (f->capabilities & PCI_IS_BRIDGE) != 0 ? " bridge" : "", (f->capabilities & PCI_HAS_MSI) != 0 ? " msi" : "",
           (f->capabilities & PCI_HAS_MSIX) != 0 ? " msi-x" : "",
           (f->capabilities & PCI_HAS_EXPRESS) != 0 ? " express" : "");
    if (f->owner != 0) {
        printf(", domain %u.%u has it", DOMAIN_CORE(f->owner), DOMAIN_COUNT(f->owner));
    }
    printf("\n");
}

int main(int argc, char **argv) {
    (void)argv;
    if (argc != 1) {
        printf("lspci takes no arguments\n");
        return 1;
    }
    if (pci_bind(&pci, FIND_MS) != ERR_OK) {
        printf("no PCI domain on this core: it is on core 0\n");
        return 1;
    }
    for (uint64_t n = 0;; n++) {
        struct function f = {0};
        err_t err = pci_call_function(&pci, n, &f.location, &f.ids, &f.class_code, &f.capabilities, &f.owner);
        if (err == ERR_NOT_FOUND) {
            return 0;
        }
        if (err != ERR_OK) {
            printf("%s\n", err_doc(err));
            return 1;
        }
        print_function(&f);
        print_bars(f.location);
    }
}
