/*
 * Undefined-behaviour traps of the debug profile, told apart from other invalid instructions.
 */
#pragma once

#include "core/base.h"

struct context;

/* Panic for an invalid-opcode exception in our own code, naming the UBSan check when it was one. */
[[gnu::noreturn]] void ubsan_panic(const struct context *context);
