/* The contract's errors as the C library's. */
#ifndef LIBC_ERRORS_H
#define LIBC_ERRORS_H

#include <skerry/base.h>

/* Sets errno; is always -1. */
int errno_failed(err_t err);

#endif
