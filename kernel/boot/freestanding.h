/*
 * What the C shared by loader and monitor assumes of its surroundings: four memory functions, and nothing else.
 *
 * The CPU driver's headers are not for these files, because they run in ring 3 and in host tests too.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <abi/abi.h>

/* Return an error to the caller; go on when there is none. */
#define TRY(expr)                                                                                                      \
    do {                                                                                                               \
        err_t try_err_ = (expr);                                                                                       \
        if (try_err_ != ERR_OK) {                                                                                      \
            return try_err_;                                                                                           \
        }                                                                                                              \
    } while (0)

void *memcpy(void *restrict dst, const void *restrict src, size_t n);
void *memset(void *dst, int byte, size_t n);
int memcmp(const void *a, const void *b, size_t n);

static inline uint64_t page_down(uint64_t value) {
    return value & ~(PAGE_SIZE - 1);
}

/* Callers have checked that there is a page above `value`. */
static inline uint64_t page_up(uint64_t value) {
    return page_down(value + PAGE_SIZE - 1);
}
