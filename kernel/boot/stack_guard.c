/*
 * What the compiler's stack protector refers to, for the loader.
 */
#include "boot/report.h"
#include "core/base.h"

extern uintptr_t __stack_chk_guard;
[[gnu::noreturn]] void __stack_chk_fail(void);

uintptr_t __stack_chk_guard = 0x5ca1ab1e0ddba11d;

void __stack_chk_fail(void) {
    report_last("the loader's stack was overwritten: a fault of the loader; please report it");
    __builtin_trap();
}
