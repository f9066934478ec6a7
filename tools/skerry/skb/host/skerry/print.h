/* In place of libskerry's header: on the host these functions are the C library's. */
#ifndef SKERRY_PRINT_H
#define SKERRY_PRINT_H
#include <stdarg.h>
#include <stdio.h>
#endif
