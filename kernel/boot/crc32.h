/*
 * CRC-32 as zlib has it (polynomial 0x04c11db7, reflected): what the boot archive's manifest gives for each file.
 */
#pragma once

#include <stdint.h>

uint32_t crc32(const void *data, uint64_t size);
