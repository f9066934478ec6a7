/* [SDM1 13.7-13.9] The header of the area must be zero before the first XSAVE: it writes only the bits of what it saves, and
   XRSTOR refuses others. */
#include <skerry/fpu.h>
#include <skerry/string.h>

#include "lib/cpuid.h"

#define HEADER_OFFSET 512
#define HEADER_SIZE 64

static bool asked, has_xsave;

void fpu_save(struct fpu_state *state) {
    if (!asked) {
        has_xsave = cpuid_osxsave();
        asked = true;
    }
    if (has_xsave) {
        memset(state->bytes + HEADER_OFFSET, 0, HEADER_SIZE);
        __asm__ volatile("xsave64 (%0)" : : "r"(state->bytes), "a"(~0u), "d"(~0u) : "memory");
    } else {
        __asm__ volatile("fxsave64 (%0)" : : "r"(state->bytes) : "memory");
    }
}

void fpu_load(const struct fpu_state *state) {
    if (has_xsave) {
        __asm__ volatile("xrstor64 (%0)" : : "r"(state->bytes), "a"(~0u), "d"(~0u) : "memory");
    } else {
        __asm__ volatile("fxrstor64 (%0)" : : "r"(state->bytes) : "memory");
    }
}
