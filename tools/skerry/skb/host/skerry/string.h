/* In place of libskerry's header: on the host these functions are the C library's. */
#ifndef SKERRY_STRING_H
#define SKERRY_STRING_H
#include <string.h>
#endif
