/*
 * Exceptions and interrupts. From user space an exception is the domain's own affair; from ring 0 it is our end.
 */
#include "core/counters.h"
#include "core/dispatcher.h"
#include "core/interrupt.h"
#include "core/panic.h"
#include "core/schedule.h"
#include "core/trace.h"
#include "x86_64/apic.h"
#include "x86_64/crash.h"
#include "x86_64/entry.h"
#include "x86_64/insn.h"
#include "x86_64/park.h"
#include "x86_64/ubsan.h"

struct counters counters;

static void user_exception(const struct context *c) {
    if (c->vector == EXCEPTION_NO_FPU && fpu_first_use(&dispatcher_current->fpu)) {
        return;
    }
    bool page = c->vector == EXCEPTION_PAGE_FAULT;
    dispatcher_fault(page ? FAULT_KIND_PAGE : FAULT_KIND_TRAP, (unsigned)c->vector, c->error,
                     page ? x86_read_cr2() : 0);
}

static bool on_guard_page(vaddr_t address) {
    const char *p = (const char *)address;
    const struct kernel_stacks *s = &kernel_stacks;
    const char *guards[] = {s->guard_kernel, s->guard_double_fault, s->guard_nmi, s->guard_machine_check};
    for (unsigned i = 0; i < ARRAY_SIZE(guards); i++) {
        if (p >= guards[i] && p < guards[i] + PAGE_SIZE) {
            return true;
        }
    }
    return false;
}

[[gnu::noreturn]] static void kernel_page_fault(const struct context *c) {
    vaddr_t address = x86_read_cr2();
    const char *what = c->error & 16 ? "execution" : c->error & 2 ? "store" : "load";
    panic_at(PANIC_FAULT, c, "page fault in the CPU driver: %s at 0x%lx, which this core %s", what, address,
             c->error & 1 ? "has mapped without that right" : "has not mapped");
}

[[gnu::noreturn]] static void kernel_exception(const struct context *c) {
    switch (c->vector) {
    case EXCEPTION_PAGE_FAULT:
        kernel_page_fault(c);
    case EXCEPTION_DOUBLE_FAULT:
        if (on_guard_page(x86_read_cr2())) {
            panic_at(PANIC_STACK, c, "kernel stack overflow: guard page at 0x%lx", x86_read_cr2());
        }
        panic_at(PANIC_FAULT, c, "double fault");
    case EXCEPTION_UNDEFINED:
        ubsan_panic(c);
    case EXCEPTION_NMI:
        crash_if_deaf();
        park_fenced(c);
    case EXCEPTION_MACHINE_CHECK:
        panic_at(PANIC_FATAL, c, "machine check");
    default:
        panic_at(PANIC_FAULT, c, "exception %lu in the CPU driver, error 0x%lx", c->vector, c->error);
    }
}

static void interrupt(unsigned vector, bool from_user) {
    counters.interrupts++;
    if (vector == VECTOR_SPURIOUS) {
        return;
    }
    trace_event(TRACE_KIND_INTERRUPT, vector, dispatcher_current, NULL);
    schedule_interrupt_begin(from_user);
    trace_settle();
    if (vector == VECTOR_TIMER) {
        apic_end();
        schedule_timer();
    } else {
        interrupt_arrived(vector);
    }
    schedule_interrupt_end();
}

void trap(struct context *c) {
    bool from_user = (c->cs & 3) != 0;
    if (c->vector >= EXCEPTION_COUNT) {
        interrupt((unsigned)c->vector, from_user);
    } else if (from_user && c->vector != EXCEPTION_NMI && c->vector != EXCEPTION_MACHINE_CHECK &&
               c->vector != EXCEPTION_DOUBLE_FAULT) {
        user_exception(c);
    } else {
        kernel_exception(c);
    }
}
