/* ioapic, serial, pci, skb, shell. Where one cannot be started the log says why and the machine goes on without it. */
#include "monitor/first_domains.h"

#include <skerry/log.h>
#include <skerry/print.h>
#include <skerry/string.h>
#include <skerry/time.h>

#include "monitor/domains.h"
#include "monitor/machine.h"
#include "monitor/names.h"
#include "monitor/skb.h"
#include "monitor/spawn.h"

#define DRIVERS_MS 5000
#define PCI_CONFIG_PORTS 0xcf8
#define PCI_CONFIG_COUNT 8
#define PCI_WINDOW 0xc0000000ul /* an address on the bus, whatever RAM there is */

_Static_assert(ACPI_IOAPICS <= SPAWN_GIFTS, "a gift each");

static struct driver {
    const char *program;
    uint32_t domain; /* 0: it was not started */
} drivers[3];
static unsigned driver_count;

static void gift(struct spawn_request *request, uint32_t slot, capaddr_t cap) {
    request->gifts[request->gift_count++] = (struct spawn_gift){slot, cap};
}

/* Arguments stand one after the other, each with its NUL. */
static void argument(struct spawn_request *request, char *text, const char *value) {
    size_t size = strlen(value) + 1;
    memcpy(text + request->bytes, value, size);
    request->bytes += (uint32_t)size;
    request->argc++;
}

static uint32_t start(const struct spawn_request *request) {
    uint32_t domain;
    err_t err = spawn(request, &domain);
    if (err != ERR_OK) {
        log_line("%s was not started: %s (%s)", request->program, err_doc(err), err_name(err));
        return 0;
    }
    return domain;
}

/* A driver offers its program's name once it has its hardware. */
static void start_driver(const struct spawn_request *request) {
    drivers[driver_count++] = (struct driver){request->program, start(request)};
}

void first_drivers_wait(void) {
    uint64_t deadline = time_deadline(DRIVERS_MS);
    for (unsigned i = 0; i < driver_count; i++) {
        struct name name = {{0}};
        memcpy(name.word, drivers[i].program, strlen(drivers[i].program));
        while (!names_has(&name) && domain_lives(drivers[i].domain) && time_now() < deadline) {
            names_wait(names_news(), deadline);
        }
    }
}

static void number_argument(struct spawn_request *request, char *text, uint64_t value) {
    char number[24];
    snprintf(number, sizeof(number), "%lu", value);
    argument(request, text, number);
}

/* One capability an IOAPIC, then the ISA lines that do not arrive where they would by themselves. */
static void start_ioapic(const struct acpi_machine *machine) {
    static char text[512];
    struct spawn_request request = {.program = "ioapic", .text = text};
    argument(&request, text, "ioapic");
    number_argument(&request, text, machine->ioapic_count);
    for (unsigned i = 0; i < machine->ioapic_count; i++) {
        capaddr_t device;
        err_t err = machine_device(machine->ioapic[i].registers, PAGE_SIZE, &device);
        if (err != ERR_OK) {
            log_line("ioapic: no capability for its registers: %s", err_name(err));
            return;
        }
        gift(&request, i == 0 ? CAP_DEVICE : CAP_GIVEN + i - 1, device);
        number_argument(&request, text, machine->ioapic[i].gsi);
    }
    for (unsigned i = 0; i < ARRAY_SIZE(machine->isa); i++) {
        if (machine->isa[i].gsi == i && machine->isa[i].flags == 0) {
            continue;
        }
        number_argument(&request, text, i);
        number_argument(&request, text, machine->isa[i].gsi);
        number_argument(&request, text, machine->isa[i].flags);
    }
    if (machine->ioapic_count > 0) {
        start_driver(&request);
    }
}

/* It writes MSI-X tables, which lie anywhere in the devices' memory below 4 GiB. */
static void start_pci(void) {
    static char text[16];
    struct spawn_request request = {.program = "pci", .text = text};
    capaddr_t ports, memory;
    err_t err = machine_ports(PCI_CONFIG_PORTS, PCI_CONFIG_COUNT, &ports);
    if (err == ERR_OK) {
        gift(&request, CAP_IOPORT, ports);
        err = machine_device_whole(PCI_WINDOW, &memory);
    }
    if (err != ERR_OK) {
        log_line("pci: no capability for its ports or memory: %s", err_name(err));
        return;
    }
    gift(&request, CAP_DEVICE, memory);
    argument(&request, text, "pci");
    start_driver(&request);
}

/* Asks for its hardware itself, as any driver does. */
static void start_serial(void) {
    static char text[16];
    struct spawn_request request = {.program = "serial", .text = text};
    argument(&request, text, "serial");
    start_driver(&request);
}

void first_drivers(const struct acpi_machine *machine) {
    driver_count = 0;
    start_ioapic(machine);
    start_serial();
    start_pci();
    skb_begin(machine);
}

void first_shell(bool again) {
    static char text[sizeof(boot_data()->cmdline) + 32];
    struct spawn_request request = {.program = "shell", .text = text, .operator = true};
    argument(&request, text, "shell");
    argument(&request, text, boot_data()->cmdline);
    if (again) {
        argument(&request, text, "again");
    }
    (void)start(&request);
}
