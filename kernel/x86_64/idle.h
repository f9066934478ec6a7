/*
 * Waiting for an interrupt.
 */
#pragma once

#include "x86_64/insn.h"

/* Take the interrupts that are pending. */
static inline void idle_poll(void) {
    x86_interrupt_window();
}

/* Halt until an interrupt has been taken; interrupts are on only inside. */
static inline void idle_halt(void) {
    x86_idle();
}
