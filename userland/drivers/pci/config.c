#include "drivers/pci/config.h"

#include <abi/stubs.h>

#define PORT_ADDRESS 0xcf8
#define PORT_DATA 0xcfc
#define ADDRESS_ENABLE 0x80000000u

static void select_register(uint32_t location, uint32_t at) {
    (void)ioport_out(CAP_IOPORT, PORT_ADDRESS, 4, ADDRESS_ENABLE | location << 8 | at);
}

uint32_t config_read(uint32_t location, uint32_t at) {
    uint64_t value = UINT32_MAX; /* what an absent function reads as */
    select_register(location, at);
    (void)ioport_in(CAP_IOPORT, PORT_DATA, 4, &value);
    return (uint32_t)value;
}

void config_write(uint32_t location, uint32_t at, uint32_t value) {
    select_register(location, at);
    (void)ioport_out(CAP_IOPORT, PORT_DATA, 4, value);
}

void config_command(uint32_t location, uint32_t set, uint32_t clear) {
    uint32_t command = config_read(location, CONFIG_COMMAND) & 0xffff;
    config_write(location, CONFIG_COMMAND, (command | set) & ~clear);
}
