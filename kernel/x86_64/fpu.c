/*
 * [SDM1 13], [SDM3 13]
 */
#include "x86_64/fpu.h"

#include "x86_64/cpu.h"
#include "x86_64/insn.h"

#define XCR0_X87 (1ULL << 0)
#define XCR0_SSE (1ULL << 1)
#define XCR0_AVX (1ULL << 2)
#define XCR0_AVX512 (7ULL << 5)
#define XSTATE_LEAF 0xd

#define FCW_OFFSET 0
#define FCW_INITIAL 0x037f
#define MXCSR_OFFSET 24
#define MXCSR_INITIAL 0x1f80

static bool has_xsave;
static uint64_t xcr0;
static struct fpu initial;

static void initial_fill(uint8_t *state) {
    memset(state, 0, FPU_STATE_SIZE);
    uint16_t fcw = FCW_INITIAL;
    uint32_t mxcsr = MXCSR_INITIAL;
    memcpy(state + FCW_OFFSET, &fcw, sizeof fcw);
    memcpy(state + MXCSR_OFFSET, &mxcsr, sizeof mxcsr);
}

/* Set the features; answer whether their state fits. */
static bool xcr0_try(uint64_t features) {
    xcr0 = features;
    __asm__ volatile("xsetbv" : : "c"(0), "a"((uint32_t)xcr0), "d"((uint32_t)(xcr0 >> 32)));
    return x86_cpuid(XSTATE_LEAF, 0).ebx <= FPU_STATE_SIZE;
}

static void xsave_init(void) {
    x86_write_cr4(x86_read_cr4() | CR4_OSXSAVE);
    uint64_t offered = x86_cpuid(XSTATE_LEAF, 0).eax;
    uint64_t base = XCR0_X87 | XCR0_SSE | (offered & XCR0_AVX);
    bool avx512 = (offered & XCR0_AVX512) == XCR0_AVX512 && (base & XCR0_AVX);
    if (!avx512 || !xcr0_try(base | XCR0_AVX512)) {
        bool fits = xcr0_try(base);
        KASSERT(fits);
    }
}

void fpu_init(void) {
    has_xsave = x86_cpuid(1, 0).ecx >> 26 & 1;
    x86_write_cr4(x86_read_cr4() | CR4_OSFXSR | CR4_OSXMMEXCPT);
    if (has_xsave) {
        xsave_init();
    }
    initial_fill(initial.state);
}

static void save(struct fpu *fpu) {
    if (has_xsave) {
        __asm__ volatile("xsave64 (%0)" : : "r"(fpu->state), "a"((uint32_t)xcr0), "d"(0) : "memory");
    } else {
        __asm__ volatile("fxsave64 (%0)" : : "r"(fpu->state) : "memory");
    }
}

static void load(const struct fpu *fpu) {
    if (has_xsave) {
        __asm__ volatile("xrstor64 (%0)" : : "r"(fpu->state), "a"((uint32_t)xcr0), "d"(0) : "memory");
    } else {
        __asm__ volatile("fxrstor64 (%0)" : : "r"(fpu->state) : "memory");
    }
}

static void allow(bool use) {
    uint64_t cr0 = x86_read_cr0();
    x86_write_cr0(use ? cr0 & ~CR0_TS : cr0 | CR0_TS);
}

static bool uses(const struct fpu *fpu) {
    return fpu != NULL && fpu->used;
}

void fpu_switch(struct fpu *from, struct fpu *to) {
    bool had = uses(from), has = uses(to);
    if (LIKELY(!had && !has)) {
        return;
    }
    if (had) {
        save(from);
    } else {
        allow(true);
    }
    load(has ? to : &initial);
    if (!has) {
        allow(false);
    }
}

bool fpu_first_use(struct fpu *fpu) {
    if (fpu->used) {
        return false;
    }
    fpu->used = true;
    initial_fill(fpu->state);
    allow(true);
    load(fpu);
    return true;
}
