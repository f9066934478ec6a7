/* Second processes, on a core of their own, and what they share with the first. */
#ifndef PEER_PROCESS_H
#define PEER_PROCESS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define LINES 16

/* A message of one cache line, its number written last. */
struct line {
    volatile uint64_t word[7];
    volatile uint64_t number;
} __attribute__((aligned(64)));

struct shared {
    volatile uint32_t ask __attribute__((aligned(64)));
    volatile uint32_t answer __attribute__((aligned(64)));
    volatile uint32_t leave __attribute__((aligned(64)));
    volatile uint32_t ready __attribute__((aligned(64)));
    volatile uint64_t taken __attribute__((aligned(64)));
    struct line ring[2][LINES];
};

extern struct shared *shared;

void shared_make(void);
void shared_clear(void);

/* Ends the machine with a line that says what could not be done. */
_Noreturn void die(const char *what);

void pin(int core);
pid_t process_fork(void);
void process_reap(pid_t process);

/* The second process moves to its core and says so. The first sleeps meanwhile: one that polls with pause would, under
   -icount, keep the tick from coming that lets the second one run. */
void process_ready(int core);
void process_await(uint32_t count);

/* The second process ends when it is told to, asleep until then: its exit would run, on a round-robin emulator, before its
   last word is seen. */
_Noreturn void process_leave(void);
void process_dismiss(pid_t process);

/* The UART drains and the cores settle before the next path. */
void settle(void);

void read_all(int file, void *data, size_t size);
void write_all(int file, const void *data, size_t size);

#endif
