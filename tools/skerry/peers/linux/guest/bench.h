/* What the benchmarks of the Linux guest share: its tunables, time stamps with marks, and the paths, a row each. */
#ifndef PEER_BENCH_H
#define PEER_BENCH_H

#define _GNU_SOURCE
#include <stdbool.h>
#include <stdint.h>

/* As in userland/lib/include/skerry/mark.h. */
#define MARK(number) __asm__ volatile(".byte 0x0f, 0x1f, 0x80; .long 0x4d4b5000 + " #number : : : "memory")
#define MARK_NEXT() MARK(3)
#define MARK_ARM() MARK(4)
#define MARK_FORGET() MARK(7)

static inline uint64_t stamp_begin(void) {
    uint32_t low, high;
    __asm__ volatile(".byte 0x0f, 0x1f, 0x80; .long 0x4d4b5001; rdtsc" : "=a"(low), "=d"(high) : : "memory");
    return (uint64_t)high << 32 | low;
}

static inline uint64_t stamp_end(void) {
    uint32_t low, high;
    __asm__ volatile("rdtsc; .byte 0x0f, 0x1f, 0x80; .long 0x4d4b5002" : "=a"(low), "=d"(high) : : "memory");
    return (uint64_t)high << 32 | low;
}

/* It also ends the core's turn on a round-robin emulator: every loop that polls has one. */
static inline void pause_once(void) {
    __asm__ volatile("pause" : : : "memory");
}

/* One path. `measure` takes all its samples, for which it needs this many cores. */
struct path {
    const char *name;
    void (*measure)(const struct path *path);
    int cores;
    int argument;
};

extern const struct path call_paths[], stream_paths[], futex_paths[], line_paths[], shootdown_paths[], memory_paths[];
extern const struct path process_paths[], udp_paths[], http_paths[], boot_paths[];

/* When this program began. */
extern uint64_t program_began;

/* The cores that are on line. */
extern int core_count;

#endif
