/* Time is the TSC; the dispatcher frame says how many ticks a millisecond has and when time 0 was. */
#ifndef SKERRY_TIME_H
#define SKERRY_TIME_H

#include <skerry/base.h>

static inline uint64_t time_now(void) {
    return __builtin_ia32_rdtsc();
}

uint64_t time_ticks_from_ms(uint64_t ms);
uint64_t time_ticks_from_ns(uint64_t ns);
uint64_t time_us_from_ticks(uint64_t ticks);
uint64_t time_ns_from_ticks(uint64_t ticks);

/* The TSC at which `ms` milliseconds from now have passed: what a deadline argument is. 0 means no deadline. */
uint64_t time_deadline(uint64_t ms);
uint64_t time_deadline_ns(uint64_t ns);

/* Waits so long, while others run. Never less. */
void sleep_ms(uint64_t ms);
void sleep_ns(uint64_t ns);

/* Microseconds since core 0's CPU driver began. */
uint64_t time_uptime_us(void);
uint64_t time_uptime_ns(void);

#endif
