/* MSI-X with a real device: QEMU's e1000e network card raises, on request, the causes of its receive queues, each with a
   message of its own. Binds two of them and raises each as often as the argument says; both must arrive, apart.
   [Intel 82574 datasheet 10.2.4] */
#include <skerry/domain.h>
#include <skerry/driver.h>
#include <skerry/fibre.h>
#include <skerry/print.h>
#include <skerry/string.h>
#include <skerry/time.h>

#define NIC_VENDOR 0x8086
#define NIC_DEVICE 0x10d3
#define NIC_REGISTERS 0
#define QUEUES 2
#define FIRST_BIT 1
#define ARRIVAL_MS 2000
#define QUIET_MS 2
#define THROTTLE_MS 1 /* the card holds back messages that follow each other within 128 us, and sends some twice then */

enum nic_register {
    NIC_CAUSE = 0xc0,
    NIC_RAISE = 0xc8,
    NIC_ENABLE = 0xd0,
    NIC_DISABLE = 0xd8,
    NIC_CLEARED = 0xdc, /* causes that their message clears */
    NIC_MESSAGES = 0xe4 /* four bits a cause: the message's number, valid */
};
#define CAUSE_QUEUE(n) (1u << (20 + (n)))
#define MESSAGE_VALID 8u

static struct driver_registers registers;
static struct driver_interrupt message[QUEUES];

static void nic_write(enum nic_register which, uint32_t value) {
    *(volatile uint32_t *)((volatile char *)registers.at + which) = value;
}

static err_t nic_open(void) {
    uint64_t location;
    TRY(driver_device(NIC_VENDOR, NIC_DEVICE, &location));
    TRY(driver_registers(location, NIC_REGISTERS, &registers));
    nic_write(NIC_DISABLE, UINT32_MAX);
    for (unsigned i = 0; i < QUEUES; i++) {
        struct driver_request request = {MONITOR_INTERRUPT_MSI, location | (uint64_t)i << 16, FIRST_BIT + i};
        TRY(driver_interrupt(&request, &message[i]));
    }
    nic_write(NIC_MESSAGES, (MESSAGE_VALID | 0) | (MESSAGE_VALID | 1) << 4);
    nic_write(NIC_CLEARED, CAUSE_QUEUE(0) | CAUSE_QUEUE(1));
    return ERR_OK;
}

int main(int argc, char **argv) {
    uint64_t count = 10, arrived[QUEUES] = {0};
    bool stray = false;
    if (argc > 2 || (argc == 2 && !string_to_u64(argv[1], &count))) {
        printf("messages [COUNT]\n");
        return 1;
    }
    err_t err = nic_open();
    if (err != ERR_OK) {
        die("%s", err == ERR_NOT_FOUND ? "no e1000e: boot with --machine edu" : err_doc(err));
    }
    for (uint64_t i = 0; i < count && arrived[0] + arrived[1] == i; i++) {
        unsigned queue = i % QUEUES;
        fibre_sleep_until(time_deadline(THROTTLE_MS));
        nic_write(NIC_ENABLE, CAUSE_QUEUE(queue)); /* a cause that its message clears is disabled with it */
        nic_write(NIC_RAISE, CAUSE_QUEUE(queue));
        arrived[queue] += driver_wait(&message[queue], time_deadline(ARRIVAL_MS));
    }
    for (unsigned i = 0; i < QUEUES; i++) {
        stray |= driver_wait(&message[i], time_deadline(QUIET_MS));
    }
    printf("messages: %lu raised, %lu and %lu arrived, %s\n", count, arrived[0], arrived[1],
           stray ? "and more" : "no more");
    return arrived[0] + arrived[1] == count && !stray ? 0 : 1;
}
