/* Messages of one cache line through shared memory that both sides poll, no kernel in between: the shape of a user-level
   channel between cores. Round trips, and a stream through a ring of 16 lines whose reader acknowledges every fourth. */
#include "bench.h"

#include "process.h"
#include "samples.h"

#define BURST 256 /* messages in a sample of the stream */
#define ACKNOWLEDGE 4

static inline void line_send(struct line *line, uint64_t number) {
    for (int i = 0; i < 7; i++) {
        line->word[i] = number + (uint64_t)i;
    }
    __asm__ volatile("" : : : "memory");
    line->number = number;
}

static inline uint64_t line_receive(const struct line *line, uint64_t number) {
    uint64_t sum = 0;
    while (line->number != number) {
        pause_once();
    }
    for (int i = 0; i < 7; i++) {
        sum += line->word[i];
    }
    return sum;
}

static void answer_all(void) {
    process_ready(1);
    for (uint64_t i = 1; i <= (uint64_t)samples_rounds(); i++) {
        line_receive(&shared->ring[0][i % LINES], i);
        line_send(&shared->ring[1][i % LINES], i);
    }
    process_leave();
}

static void round_trips(const struct path *path) {
    uint64_t number = 0;
    shared_clear();
    pid_t other = process_fork();
    if (other == 0) {
        answer_all();
    }
    pin(0);
    process_await(1);
    samples_begin();
    while (samples_more()) {
        number++;
        uint64_t begin = stamp_begin();
        line_send(&shared->ring[0][number % LINES], number);
        line_receive(&shared->ring[1][number % LINES], number);
        samples_take(stamp_end() - begin);
    }
    process_dismiss(other);
    samples_end(path->name);
}

static void take_all(void) {
    process_ready(1);
    for (uint64_t i = 1; i <= (uint64_t)samples_rounds() * BURST; i++) {
        line_receive(&shared->ring[0][i % LINES], i);
        if (i % ACKNOWLEDGE == 0) {
            shared->taken = i;
        }
    }
    process_leave();
}

static void burst_send(uint64_t first) {
    uint64_t taken = first - 1;
    for (uint64_t i = first; i < first + BURST; i++) {
        while (i - taken > LINES) {
            taken = shared->taken;
            if (i - taken > LINES) {
                pause_once();
            }
        }
        line_send(&shared->ring[0][i % LINES], i);
    }
    while (shared->taken != first + BURST - 1) {
        pause_once();
    }
}

static void stream(const struct path *path) {
    uint64_t next = 1;
    shared_clear();
    pid_t other = process_fork();
    if (other == 0) {
        take_all();
    }
    pin(0);
    process_await(1);
    samples_begin();
    while (samples_more()) {
        uint64_t begin = stamp_begin();
        burst_send(next);
        samples_take(stamp_end() - begin);
        next += BURST;
    }
    process_dismiss(other);
    samples_end(path->name);
}

const struct path line_paths[] = {
    {"line-across", round_trips, 2, 0},
    {"ring-across-256", stream, 2, 0},
    {0},
};
