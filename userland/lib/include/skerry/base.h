/* What every file of userland includes first: fixed-width types, the contract, error passing, small arithmetic. */
#ifndef SKERRY_BASE_H
#define SKERRY_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <abi/abi.h>

#ifndef TRY
#define TRY(expr)                                                                                                      \
    do {                                                                                                               \
        err_t try_error = (expr);                                                                                      \
        if (try_error != ERR_OK)                                                                                       \
            return try_error;                                                                                          \
    } while (0)
#endif
#ifndef ARRAY_SIZE
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#endif
#ifndef MIN
#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))
#endif
#ifndef ALIGN_UP
#define ALIGN_UP(x, a) (((x) + (a) - 1) & ~((__typeof__(x))(a) - 1))
#define ALIGN_DOWN(x, a) ((x) & ~((__typeof__(x))(a) - 1))
#endif

#define PRINTF_LIKE(text, first) __attribute__((format(printf, text, first)))
#define NORETURN __attribute__((noreturn)) /* gcc 12 does not know the standard one */

/* Every loop that waits has one: under emulation it gives the host CPU away (and on hardware the other hyperthread). */
static inline void cpu_pause(void) {
    __builtin_ia32_pause();
}

#endif
