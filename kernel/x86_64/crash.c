/*
 * The ways to die.
 */
#include "x86_64/crash.h"

#include "core/mem.h"
#include "core/panic.h"
#include "x86_64/apic.h"
#include "x86_64/insn.h"

/* A store where this core has nothing: the direct-map address of memory that belongs to another core. */
static void wild_store(paddr_t target) {
    volatile uint64_t *p = mem_direct(target & ~7ULL);
    *p = 0xdead;
}

[[gnu::noreturn]] static void triple_fault(void) {
    struct [[gnu::packed]] {
        uint16_t limit;
        uint64_t base;
    } empty = {0, 0};
    __asm__ volatile("lidt %0; ud2" : : "m"(empty));
    x86_stop();
}

/* Recursion that the compiler can neither see through nor turn into a loop; the stack ends long before the count. */
[[gnu::noinline]] static unsigned stack_overflow(volatile unsigned *depth) {
    volatile unsigned here[64] = {*depth + 1};
    return here[0] == UINT32_MAX ? 0 : stack_overflow(here) + here[0];
}

static void undefined(volatile int *value) {
    *value = *value + 1;
}

[[gnu::noreturn]] static void hang(void) {
    for (;;) {
        x86_pause();
    }
}

static bool deaf;

void crash_if_deaf(void) {
    if (deaf) {
        hang();
    }
}

/* Until it returns from one, a core takes no other NMI. [SDM3 6.7.1] */
[[gnu::noreturn]] static void hang_deaf(void) {
    deaf = true;
    apic_send_nmi(apic_id());
    hang();
}

void crash(unsigned kind, uint64_t argument) {
    volatile int largest = INT32_MAX;
    volatile unsigned depth = 0;
    switch (kind) {
    case CRASH_KIND_ASSERT:
        KASSERT(kind != CRASH_KIND_ASSERT);
        break;
    case CRASH_KIND_WILD_STORE:
        wild_store(argument);
        break;
    case CRASH_KIND_HANG:
        hang();
    case CRASH_KIND_DEAF:
        hang_deaf();
    case CRASH_KIND_TRIPLE_FAULT:
        triple_fault();
    case CRASH_KIND_UNDEFINED:
        undefined(&largest);
        panic_at(PANIC_PRACTICE, NULL, "undefined behaviour, which this profile does not trap");
    case CRASH_KIND_STACK:
        depth = stack_overflow(&depth);
        break;
    }
    panic_at(PANIC_PRACTICE, NULL, "asked for by the monitor");
}
