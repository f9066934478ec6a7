/* Attempts, and what is counted of them. */
#include <skerry/domain.h>
#include <skerry/print.h>
#include <skerry/slots.h>

#include "programs/hostile/hostile.h"

bool attempt_enter(act_t act, uint64_t argument);
void attempt_entry(void);

const char *case_name;
unsigned escapes;
uint64_t random_state = 1;
static unsigned attempts;

#define SHOWN 8 /* of many alike */

struct fault attempt(act_t act, uint64_t argument) {
    return attempt_with(act, argument, attempt_entry);
}

struct fault attempt_with(act_t act, uint64_t argument, void (*handler)(void)) {
    volatile struct dispatcher_frame *frame = dispatcher_frame();
    vaddr_t page = frame->entry_page_fault, trap = frame->entry_trap, disabled = frame->entry_fault_disabled;
    frame->entry_page_fault = frame->entry_trap = frame->entry_fault_disabled = (vaddr_t)handler;
    struct fault fault = {.happened = attempt_enter(act, argument)};
    frame->entry_page_fault = page;
    frame->entry_trap = trap;
    frame->entry_fault_disabled = disabled;
    if (fault.happened) {
        fault.vector = frame->fault_vector;
        fault.error = frame->fault_error;
        fault.address = frame->fault_address;
        fault.rip = frame->trap.rip;
        (void)sys_yield(CAP_NULL); /* seen enabled: the CPU driver forgives a fault while disabled */
    }
    return fault;
}

void must_hold(const char *what, bool holds) {
    attempts++;
    if (!holds && escapes++ < SHOWN) {
        printf("hostile %s: ESCAPED: %s\n", case_name, what);
    }
}

void must_fault(const char *what, act_t act, uint64_t argument, unsigned vectors) {
    struct fault fault = attempt(act, argument);
    bool refused = fault.happened && (VECTOR(fault.vector) & vectors) != 0;
    must_hold(what, refused);
    if (!refused && fault.happened) {
        printf("  exception %u, error 0x%lx, address 0x%lx, rip 0x%lx\n", fault.vector, fault.error, fault.address,
               fault.rip);
    }
}

void must_answer(const char *what, err_t err, err_t wanted) {
    must_hold(what, err == wanted);
    if (err != wanted) {
        printf("  answered %s, not %s\n", err_name(err), err_name(wanted));
    }
}

void report(void) {
    printf("hostile %s: %s, %u attempts\n", case_name, escapes == 0 ? "contained" : "NOT CONTAINED", attempts);
}

uint64_t random_next(void) {
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state;
}

bool one_in(unsigned n) {
    return random_next() % n == 0;
}

uint64_t odd_address(void) {
    static const uint64_t odd[] = {0,
                                   1,
                                   8,
                                   PAGE_SIZE - 1,
                                   USER_FRAME_VADDR,
                                   USER_STACK_TOP - 8,
                                   USER_TOP - 1,
                                   USER_TOP,
                                   USER_TOP + 8,
                                   0x00007ffffffffff8,
                                   0x0000800000000000,
                                   0x8000000000000000,
                                   0xffff7ffffffffff8,
                                   KERNEL_DIRECT_MAP,
                                   KERNEL_WINDOW,
                                   KERNEL_DEVICE_WINDOW,
                                   0xfffffffffffffff8,
                                   UINT64_MAX};
    return one_in(4) ? random_next()
                     : odd[random_next() % ARRAY_SIZE(odd)] + (one_in(4) ? random_next() % PAGE_SIZE : 0);
}

void need(const char *what, err_t err) {
    if (err != ERR_OK) {
        die("%s: %s: %s", case_name, what, err_name(err));
    }
}

capaddr_t need_slot(void) {
    capaddr_t slot;
    need("a slot", slot_alloc(&slot));
    return slot;
}
