/*
 * From any state of this core to its park block: nothing is asked of locks, stacks or tables but that the image is mapped.
 */
#include "x86_64/park.h"

#include "core/log.h"
#include "core/plan.h"
#include "x86_64/entry.h"
#include "x86_64/insn.h"
#include "x86_64/paging.h"

static paddr_t park_code;

void park_init(paddr_t code) {
    park_code = code;
}

/* The tables that nothing of user space is in map the block where it is. */
[[gnu::noreturn]] static void leave(void) {
    paging_leave_user();
    __asm__ volatile("jmp *%0" : : "r"(park_code) : "memory");
    x86_stop();
}

void park_here(void) {
    log_line("cpu: core %u parked", core_plan.core);
    leave();
}

void park_fenced(const struct context *context) {
    log_line("cpu: core %u fenced and parked, from rip 0x%lx, rsp 0x%lx", core_plan.core, context->rip, context->rsp);
    leave();
}
