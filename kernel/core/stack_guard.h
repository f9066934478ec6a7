/*
 * The value of the stack canaries.
 */
#pragma once

/* Make the guard differ from core to core and boot to boot. Only for a caller that never returns. */
void stack_guard_init(void);
