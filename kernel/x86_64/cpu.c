/*
 * CPU features and control registers. [SDM3 2.5, 5.8.8]
 */
#include "x86_64/cpu.h"

#include "core/mem.h"
#include "x86_64/descriptors.h"
#include "x86_64/entry.h"
#include "x86_64/fpu.h"
#include "x86_64/insn.h"

struct cpu_features cpu_features;

static void features_find(void) {
    uint32_t max_leaf = x86_cpuid(0, 0).eax;
    if (max_leaf >= 7) {
        struct x86_cpuid leaf7 = x86_cpuid(7, 0);
        cpu_features.fsgsbase = leaf7.ebx >> 0 & 1;
        cpu_features.smep = leaf7.ebx >> 7 & 1;
        cpu_features.smap = leaf7.ebx >> 20 & 1;
        cpu_features.umip = leaf7.ecx >> 2 & 1;
    }
    if (x86_cpuid(0x80000000, 0).eax >= 0x80000001) {
        cpu_features.gigabyte_pages = x86_cpuid(0x80000001, 0).edx >> 26 & 1;
    }
}

void cpu_init(void) {
    features_find();
    uint64_t cr4 = x86_read_cr4() | CR4_PAE | CR4_PGE;
    cr4 |= cpu_features.fsgsbase ? CR4_FSGSBASE : 0;
    cr4 |= cpu_features.smep ? CR4_SMEP : 0;
    cr4 |= cpu_features.smap ? CR4_SMAP : 0;
    cr4 |= cpu_features.umip ? CR4_UMIP : 0;
    x86_write_cr4(cr4);
    x86_write_cr0((x86_read_cr0() & ~CR0_EM) | CR0_WP | CR0_NE | CR0_MP);
    fpu_init();
    x86_write_cr0(x86_read_cr0() | CR0_TS); /* dispatchers start without FPU state; its first use traps */
    x86_wrmsr(MSR_EFER, x86_rdmsr(MSR_EFER) | EFER_SCE | EFER_NXE);
    x86_wrmsr(MSR_STAR, (uint64_t)SELECTOR_SYSRET_BASE << 48 | (uint64_t)SELECTOR_KERNEL_CODE << 32);
    x86_wrmsr(MSR_LSTAR, (uint64_t)entry_syscall);
    x86_wrmsr(MSR_SFMASK, RFLAGS_SYSCALL_MASK);
}

bool mem_gigabyte_pages(void) {
    return cpu_features.gigabyte_pages;
}
