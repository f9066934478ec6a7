/* Everything that takes time: what the others get must not depend on it. */
#include <skerry/slots.h>
#include <skerry/time.h>

#include "programs/hostile/victim.h"

#define STORM_MS 600
#define STORM_FAULTS 100000

void storm_entry(void);
void storm_begin(uint64_t unused);
extern volatile uint64_t storm_left;

void case_loop(void) {
    uint64_t end = time_deadline(STORM_MS);
    while (time_now() < end) {
        cpu_pause();
    }
    must_hold("time stands still", time_now() >= end);
}

/* Weight goes to and fro between it and another, and none comes of it. */
void case_weight(void) {
    struct victim other = victim_make(victim_spin);
    need("run", dispatcher_run(other.dispatcher)); /* with half of the 100 that this one had */
    uint64_t end = time_deadline(STORM_MS);
    while (time_now() < end) {
        uint64_t weight = 1 + random_next() % 200;
        must_answer("a weight", dispatcher_weight(other.dispatcher, weight), weight < 100 ? ERR_OK : ERR_ARGUMENT);
        must_answer("more for itself", dispatcher_weight(CAP_DISPATCHER, 101), ERR_ARGUMENT);
    }
    must_answer("no weight", dispatcher_weight(CAP_DISPATCHER, 0), ERR_ARGUMENT);
    must_answer("too much weight", dispatcher_weight(CAP_DISPATCHER, 10001), ERR_ARGUMENT);
    victim_end(&other);
    must_answer("all of it back", dispatcher_weight(CAP_DISPATCHER, 100), ERR_OK);
    must_answer("and no more", dispatcher_weight(CAP_DISPATCHER, 101), ERR_ARGUMENT);
}

void case_reserve(void) {
    uint64_t second = dispatcher_frame()->tsc_khz * 1000, end = time_deadline(STORM_MS);
    must_answer("all of the core", dispatcher_reserve(CAP_DISPATCHER, second, second), ERR_ARGUMENT);
    must_answer("more than all", dispatcher_reserve(CAP_DISPATCHER, second, 1), ERR_ARGUMENT);
    must_answer("nothing", dispatcher_reserve(CAP_DISPATCHER, 0, second), ERR_ARGUMENT);
    must_answer("for ever", dispatcher_reserve(CAP_DISPATCHER, UINT64_MAX, UINT64_MAX), ERR_ARGUMENT);
    while (time_now() < end) {
        (void)dispatcher_reserve(CAP_DISPATCHER, second / 1000 * 85, second / 10);
    }
    must_answer("back to best effort", dispatcher_weight(CAP_DISPATCHER, 100), ERR_OK);
}

/* Signals to itself and to one that blocks at once each time. */
void case_signal(void) {
    capaddr_t own = need_slot();
    need("a notification", dispatcher_notification(CAP_DISPATCHER, slot_word(own), 9));
    struct victim victim = victim_make(victim_block);
    need("run", dispatcher_run(victim.dispatcher));
    uint64_t end = time_deadline(STORM_MS);
    while (time_now() < end) {
        (void)notification_signal(own);
        (void)notification_signal(victim.notification);
        if (one_in(8)) {
            (void)sys_yield(victim.dispatcher);
        }
    }
    victim_end(&victim);
}

void case_timers(void) {
    uint64_t end = time_deadline(STORM_MS);
    while (time_now() < end) {
        dispatcher_wait(1 + (one_in(2) ? 0 : time_now()));
    }
}

void case_fault_storm(void) {
    volatile struct dispatcher_frame *frame = dispatcher_frame();
    vaddr_t page = frame->entry_page_fault;
    storm_left = STORM_FAULTS;
    struct fault fault = attempt_with(storm_begin, 0, storm_entry);
    must_hold("the storm ended early", fault.happened && storm_left == 0);
    must_hold("the entries are kept", frame->entry_page_fault == page);
}

void case_fault_in_handler(void) {
    volatile struct dispatcher_frame *frame = dispatcher_frame();
    report();
    frame->entry_page_fault = frame->entry_trap = frame->entry_fault_disabled = USER_STACK_TOP - 20 * PAGE_SIZE;
    *(volatile int *)0 = 0;
    must_hold("a fault in the fault handler is forgiven for ever", false);
}
