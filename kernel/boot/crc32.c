/*
 * CRC-32, four bytes a step ("slicing by 4"): a boot checks several hundred KiB, and the tables cost less than
 * one page to compute, so they are made at the first use. They are not on the stack, for a fibre's is small.
 */
#include "boot/crc32.h"

#include "boot/freestanding.h"

#define SLICES 4

/* table[0][b] is the remainder of byte b; table[s][b] that of b followed by s zero bytes. */
static uint32_t table[SLICES][256];

static void tables_make(void) {
    for (uint32_t byte = 0; byte < 256; byte++) {
        uint32_t remainder = byte;
        for (unsigned bit = 0; bit < 8; bit++) {
            remainder = remainder >> 1 ^ (remainder & 1 ? 0xedb88320 : 0);
        }
        table[0][byte] = remainder;
    }
    for (unsigned slice = 1; slice < SLICES; slice++) {
        for (unsigned byte = 0; byte < 256; byte++) {
            uint32_t before = table[slice - 1][byte];
            table[slice][byte] = before >> 8 ^ table[0][before & 0xff];
        }
    }
}

uint32_t crc32(const void *data, uint64_t size) {
    if (table[0][1] == 0) {
        tables_make();
    }
    const uint8_t *at = data;
    uint32_t crc = ~0u;
    for (; size >= SLICES; size -= SLICES, at += SLICES) {
        uint32_t word;
        __builtin_memcpy(&word, at, sizeof(word)); /* one load; freestanding code has no other spelling for it */
        crc ^= word;
        crc = table[3][crc & 0xff] ^ table[2][crc >> 8 & 0xff] ^ table[1][crc >> 16 & 0xff] ^ table[0][crc >> 24];
    }
    for (; size > 0; size--, at++) {
        crc = crc >> 8 ^ table[0][(crc ^ *at) & 0xff];
    }
    return ~crc;
}
