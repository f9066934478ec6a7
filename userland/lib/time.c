/* TSC ticks to and from milli-, micro- and nanoseconds, without overflow for uptimes of years. */
#include <skerry/dispatcher.h>
#include <skerry/fibre.h>
#include <skerry/time.h>

#define US_PER_MS 1000
#define NS_PER_MS 1000000

uint64_t time_ticks_from_ms(uint64_t ms) {
    return ms * dispatcher_frame()->tsc_khz;
}

/* Rounded up, so that a deadline is never early. */
uint64_t time_ticks_from_ns(uint64_t ns) {
    uint64_t khz = dispatcher_frame()->tsc_khz;
    return ns / NS_PER_MS * khz + (ns % NS_PER_MS * khz + NS_PER_MS - 1) / NS_PER_MS;
}

/* Each part of a millisecond has so many of the units asked for. */
static uint64_t units_from_ticks(uint64_t ticks, uint64_t units_per_ms) {
    uint64_t khz = dispatcher_frame()->tsc_khz;
    return khz == 0 ? 0 : ticks / khz * units_per_ms + ticks % khz * units_per_ms / khz;
}

uint64_t time_us_from_ticks(uint64_t ticks) {
    return units_from_ticks(ticks, US_PER_MS);
}

uint64_t time_ns_from_ticks(uint64_t ticks) {
    return units_from_ticks(ticks, NS_PER_MS);
}

uint64_t time_deadline(uint64_t ms) {
    return time_now() + time_ticks_from_ms(ms);
}

uint64_t time_deadline_ns(uint64_t ns) {
    return time_now() + time_ticks_from_ns(ns);
}

void sleep_ms(uint64_t ms) {
    fibre_sleep_until(time_deadline(ms));
}

void sleep_ns(uint64_t ns) {
    fibre_sleep_until(time_deadline_ns(ns));
}

uint64_t time_uptime_us(void) {
    return time_us_from_ticks(time_now() - dispatcher_frame()->start_tsc);
}

uint64_t time_uptime_ns(void) {
    return time_ns_from_ticks(time_now() - dispatcher_frame()->start_tsc);
}
