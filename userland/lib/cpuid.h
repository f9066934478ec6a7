/* What the CPU can do. [SDM2 CPUID] */
#ifndef LIB_CPUID_H
#define LIB_CPUID_H

#include <skerry/base.h>

struct cpuid {
    uint32_t eax, ebx, ecx, edx;
};

static inline struct cpuid cpuid_at(uint32_t leaf, uint32_t subleaf) {
    struct cpuid r;
    __asm__ volatile("cpuid" : "=a"(r.eax), "=b"(r.ebx), "=c"(r.ecx), "=d"(r.edx) : "a"(leaf), "c"(subleaf));
    return r;
}

static inline struct cpuid cpuid(uint32_t leaf) {
    return cpuid_at(leaf, 0);
}

/* XSAVE, and switched on. */
static inline bool cpuid_osxsave(void) {
    return cpuid(1).ecx >> 27 & 1;
}

static inline bool cpuid_fsgsbase(void) {
    return cpuid(0).eax >= 7 && (cpuid(7).ebx & 1) != 0;
}

static inline bool cpuid_gigabyte_pages(void) {
    return cpuid(0x80000000).eax >= 0x80000001 && (cpuid(0x80000001).edx >> 26 & 1) != 0;
}

#endif
