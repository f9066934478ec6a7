/* Garbage in dispatcher frames: before a dispatcher runs, between its turns, and by itself while it runs. */
#include <skerry/domain.h>
#include <skerry/time.h>

#include "programs/hostile/victim.h"

#define GARBAGE_VICTIMS 300
#define RACE_MS 800
#define TURNS 6

/* Let it have a turn, spoil what it left, again and again. */
static void maltreat(const struct victim *victim) {
    for (unsigned turn = 0; turn < TURNS; turn++) {
        (void)notification_signal(victim->notification);
        (void)sys_yield(victim->dispatcher);
        if (victim_state(victim) == DISPATCHER_STATE_STOPPED) {
            return;
        }
        victim_spoil(victim);
        if (one_in(2)) {
            victim->frame->disabled = (uint32_t)random_next() % 2;
        }
    }
}

void case_frames(void) {
    for (unsigned i = 0; i < GARBAGE_VICTIMS; i++) {
        struct victim victim = victim_make(victim_spin);
        if (one_in(2)) {
            victim_spoil(&victim);
            victim.frame->entry_run = odd_address();
        }
        need("run", dispatcher_run(victim.dispatcher));
        maltreat(&victim);
        uint64_t state = victim_state(&victim);
        must_hold("a victim is in no state at all",
                  state >= DISPATCHER_STATE_STOPPED && state <= DISPATCHER_STATE_RUNNING);
        victim_end(&victim);
    }
    must_hold("this dispatcher's own frame was touched", dispatcher_frame()->core == domain_args()->core);
}

/* The victim writes its frame while it runs and is interrupted; so do we, between its turns. */
void case_race(void) {
    uint64_t end = time_deadline(RACE_MS);
    while (time_now() < end) {
        struct victim victim = victim_make(victim_scribble);
        need("run", dispatcher_run(victim.dispatcher));
        uint64_t turn_end = MIN(end, time_deadline(100));
        while (time_now() < turn_end && victim_state(&victim) != DISPATCHER_STATE_STOPPED) {
            (void)sys_yield(victim.dispatcher);
            if (one_in(4)) {
                victim_spoil(&victim);
            }
        }
        must_hold("a victim is in no state at all", victim_state(&victim) <= DISPATCHER_STATE_RUNNING);
        victim_end(&victim);
    }
}
