/*
 * The first instructions of a core other than 0: from the real mode that SIPI gives to the entry state.
 *
 * A starter copies the code to the start of any page below 1 MiB, with the parameters filled in, and sends
 * INIT and SIPI with the page's number. The page is written by the starting core too (it finds out where it is), so
 * one page serves one start at a time; it is free again once the core has built its own page tables.
 */
#pragma once

#include <stdint.h>

#include <abi/abi.h>

#include "boot/layout.h"

extern const uint8_t trampoline_start[], trampoline_parameters[], trampoline_end[];

/* Fills the page, writable at `page`, for entering the core that `entry` describes. */
void trampoline_write(void *page, const struct layout_output *entry);
