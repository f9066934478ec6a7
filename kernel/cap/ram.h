/*
 * Zeroing of RAM before it changes hands, in bounded steps.
 */
#pragma once

#include "cap/cap.h"

/* Zero some more of [offset, offset + size) of a RAM capability. True when all of it is zero. */
bool ram_zero_step(struct cap *ram, uint64_t offset, uint64_t size);

/* Something is about to be made of the RAM: what was zeroed may not stay so. */
void ram_zero_forget(struct cap *ram);
