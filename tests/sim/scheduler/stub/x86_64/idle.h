/*
 * In place of the CPU driver's: the simulator goes on to the next interrupt.
 */
#pragma once

void idle_halt(void);

static inline void idle_poll(void) {}
