/*
 * Stack canaries: the compiler puts the guard below each frame with an array and compares it on return.
 */
#include "core/stack_guard.h"

#include "core/panic.h"
#include "x86_64/clock.h"

/* Names that compilers know. A zero byte stops runaway strings. */
uint64_t __stack_chk_guard = 0x5bd1e995c3a5c800;
[[gnu::noreturn]] void __stack_chk_fail(void);

void stack_guard_init(void) {
    __stack_chk_guard ^= (clock_now() * 0x9e3779b97f4a7c15) << 8;
}

void __stack_chk_fail(void) {
    panic_at(PANIC_STACK, NULL, "a stack frame was overrun");
}
