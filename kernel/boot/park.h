/*
 * The park page: where a core waits that has been stopped, and from where it is entered again.
 *
 * A core comes here by its monitor's wish (kernel park), or because another one fences it with an NMI; it leaves when it
 * finds its mailbox filled in after another NMI, and then in the entry state (README.md), as if by SIPI. While it is here
 * it runs with its interrupts off, on nothing but this block, so the memory of its image and its pool is free to be used.
 *
 * The block (PARK_SIZE, aligned to that, at or above CHUNK_SIZE and below 4 GiB, outside every image region and pool)
 * belongs to the one core for good. Its pages in this order:
 *   code, GDT and IDT, read-only | mailbox, and the stack at its end | tables of level 4, 3, 2, 1, and 2 for low memory |
 *   an unused one.
 * The tables map the first two pages, and the low 2 MiB, at their own addresses and nothing else: a core that no NMI reaches
 * comes from its reset by way of a trampoline page. A core's entry tables and its CPU driver's own lead to the level-1 table
 * too, so an NMI finds its way here at any time.
 *
 * Steps of a start, S the starter, P the parked core; the mailbox is struct park_mailbox of the contract:
 *   P1  says in `state` that it is parked, and halts
 *   S1  sees P1; only then may it touch what was the core's
 *   S2  fills in entry and boot data, then cr3
 *   S3  sends one NMI
 *   P2  wakes up, sees cr3, takes all three; clears state, then cr3, and is gone
 * A core that is woken without a letter is parked again (P1).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <abi/abi.h>

#include "boot/layout.h"

extern const uint8_t park_start[], park_tables[], park_end[];

/* Offsets in the block. */
#define PARK_MAILBOX PAGE_SIZE
#define PARK_LEVEL_4 (2 * PAGE_SIZE)
#define PARK_LEVEL_3 (3 * PAGE_SIZE)
#define PARK_LEVEL_2 (4 * PAGE_SIZE)
#define PARK_LEVEL_1 (5 * PAGE_SIZE)
#define PARK_LOW_2 (6 * PAGE_SIZE)

/* Whether a park block may lie at this address. */
bool park_place_ok(paddr_t base);

/* What a trampoline page must say to bring a core here from its reset. */
struct layout_output park_entry(paddr_t base);

/* Makes the block, writable at `block`, for physical address `base`: no letter, and nobody there yet. */
void park_write(void *block, paddr_t base);
