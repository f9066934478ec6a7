/* Counts keystrokes: the i8042 keyboard controller's ports and its interrupt line, by the grants of etc/devices.
   Ends after as many as its argument says (10). `README.md` of drivers/ walks through it. */
#include <abi/stubs.h>
#include <skerry/domain.h>
#include <skerry/driver.h>
#include <skerry/print.h>
#include <skerry/string.h>

#define KEYBOARD_DATA 0x60
#define KEYBOARD_STATUS 0x64
#define KEYBOARD_LINE 1
#define KEY_BIT 1
#define STATUS_FULL 0x01  /* a byte is there to be read */
#define STATUS_TAKEN 0x02 /* the controller has not taken our last byte yet */
#define COMMAND_SET_MODE 0x60
#define MODE_INTERRUPT 0x01
#define MODE_TRANSLATE 0x40 /* scan codes of set 1: bit 7 tells a release */
#define SCANCODE_RELEASE 0x80

static capaddr_t ports;

static uint64_t in(uint16_t port) {
    uint64_t value = 0;
    (void)ioport_in(ports, port, 1, &value);
    return value;
}

static void out(uint16_t port, uint64_t value) {
    while ((in(KEYBOARD_STATUS) & STATUS_TAKEN) != 0) {
        cpu_pause();
    }
    (void)ioport_out(ports, port, 1, value);
}

int main(int argc, char **argv) {
    struct driver_request request = {MONITOR_INTERRUPT_ISA, KEYBOARD_LINE, KEY_BIT};
    struct driver_interrupt key;
    uint64_t wanted = 10, count = 0, interrupts = 0;
    if (argc > 1 && !string_to_u64(argv[1], &wanted)) {
        die("how many keystrokes?");
    }
    err_t err = driver_ports(KEYBOARD_DATA, &ports);
    if (err == ERR_OK) {
        err = driver_interrupt(&request, &key);
    }
    if (err != ERR_OK) {
        die("no keyboard: %s", err_doc(err));
    }
    out(KEYBOARD_STATUS, COMMAND_SET_MODE);
    out(KEYBOARD_DATA, MODE_INTERRUPT | MODE_TRANSLATE);
    printf("keys: waiting for %lu\n", wanted);
    while (count < wanted) {
        while ((in(KEYBOARD_STATUS) & STATUS_FULL) != 0) {
            uint64_t code = in(KEYBOARD_DATA);
            if ((code & SCANCODE_RELEASE) == 0) {
                printf("keys: %lu, scan code 0x%02lx\n", ++count, code);
            }
        }
        if (count < wanted) {
            interrupts += driver_wait(&key, 0);
        }
    }
    printf("keys: %lu keystrokes by %lu interrupts\n", count, interrupts);
    return 0;
}
