/* Configuration space by ports 0xcf8 and 0xcfc: 256 bytes a function. [PCI 3.0, 3.2.2.3.2] */
#ifndef PCI_CONFIG_H
#define PCI_CONFIG_H

#include <skerry/base.h>

enum config_register {
    CONFIG_IDS = 0x00,     /* vendor, device << 16 */
    CONFIG_COMMAND = 0x04, /* 16 bits; status above */
    CONFIG_CLASS = 0x08,   /* revision, class << 8 */
    CONFIG_HEADER = 0x0c,  /* header type in bits 16-23 */
    CONFIG_BAR = 0x10,
    CONFIG_BUSES = 0x18, /* of a bridge: secondary bus in bits 8-15 */
    CONFIG_CAPABILITIES = 0x34,
    CONFIG_INTERRUPT = 0x3c /* pin in bits 8-15 */
};

enum config_command {
    COMMAND_PORTS = 1 << 0,
    COMMAND_MEMORY = 1 << 1,
    COMMAND_MASTER = 1 << 2,
    COMMAND_NO_INTX = 1 << 10
};

/* `location` as in if/pci.h, `at` a multiple of 4 below 256. */
uint32_t config_read(uint32_t location, uint32_t at);
void config_write(uint32_t location, uint32_t at, uint32_t value);

/* Changes bits of the command register, without touching the status bits that a write would clear. */
void config_command(uint32_t location, uint32_t set, uint32_t clear);

#endif
