/*
 * Registers and return addresses for a panic record.
 */
#pragma once

#include "core/base.h"

struct context;

/* Log PANIC-REG and PANIC-BT lines for an exception's context. */
void backtrace_log(const struct context *context);

/* The same for whoever called the function that has stack frame `frame`. */
void backtrace_log_call(const void *frame);

/* Where the current dispatcher was when it entered the CPU driver. */
vaddr_t backtrace_user_address(void);
