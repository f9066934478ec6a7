/*
 * Failing on purpose: for practice, and so that every way to die is a test.
 */
#pragma once

#include "core/base.h"

/* Fail in the way that `kind` (enum crash_kind of the contract) names. */
[[gnu::noreturn]] void crash(unsigned kind, uint64_t argument);

/* In the handler of a non-maskable interrupt: hangs there, when that is the way of failing. */
void crash_if_deaf(void);
