/*
 * What every file of the CPU driver may assume: fixed-width types, the contract, error passing, assertions.
 *
 * KASSERT guards our own mistakes and stays on in every build; a user's mistake is an err_t.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <abi/abi.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define ALIGN_DOWN(x, a) ((x) & ~((typeof(x))(a) - 1))
#define ALIGN_UP(x, a) ALIGN_DOWN((x) + ((typeof(x))(a) - 1), a)
#define IS_ALIGNED(x, a) (((x) & ((typeof(x))(a) - 1)) == 0)
#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))
#define CONTAINER_OF(p, type, member) ((type *)((char *)(p) - offsetof(type, member)))

#define LIKELY(x) __builtin_expect(!!(x), 1)
#define UNLIKELY(x) __builtin_expect(!!(x), 0)

/* Return an error to the caller; go on when there is none. */
#define TRY(expr)                                                                                                      \
    do {                                                                                                               \
        err_t try_err_ = (expr);                                                                                       \
        if (UNLIKELY(try_err_ != ERR_OK)) {                                                                            \
            return try_err_;                                                                                           \
        }                                                                                                              \
    } while (0)

[[gnu::noreturn]] void panic_assert(const char *condition, const char *file, unsigned line);

#define KASSERT(cond) (LIKELY(cond) ? (void)0 : panic_assert(#cond, __FILE__, __LINE__))

void *memcpy(void *restrict dst, const void *restrict src, size_t n);
void *memmove(void *dst, const void *src, size_t n);
void *memset(void *dst, int byte, size_t n);
int memcmp(const void *a, const void *b, size_t n);
