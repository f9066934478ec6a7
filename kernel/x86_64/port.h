/*
 * I/O ports by number and width, for the code that has no business with instructions.
 */
#pragma once

#include "core/base.h"
#include "x86_64/insn.h"

static inline void port_out8(uint16_t port, uint8_t value) {
    x86_out8(port, value);
}

/* `width` is 1, 2 or 4 bytes. */
uint32_t port_in(uint16_t port, unsigned width);
void port_out(uint16_t port, unsigned width, uint32_t value);
