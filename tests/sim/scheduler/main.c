/*
 * The host program: a request is a count and that many words, of which the first says what the others are; an answer is a
 * count and words.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "sim.h"

#define DEADLINE_S 60 /* for an answer; most take milliseconds */

enum { REQUEST_SIM, REQUEST_OPS };
enum { REQUEST_WORDS = 1 << 16, ANSWER_WORDS = 1 << 22 };

static uint64_t request[REQUEST_WORDS], answer[ANSWER_WORDS], answered;

void sim_put(uint64_t word) {
    if (answered == ANSWER_WORDS) {
        sim_fail("the trace is too long");
    }
    answer[answered++] = word;
}

void sim_fail(const char *what) {
    fprintf(stderr, "scheduler simulator: at %lu: %s\n", sim.now, what);
    abort();
}

void panic_assert(const char *condition, const char *file, unsigned line) {
    fprintf(stderr, "%s:%u: ", file, line);
    sim_fail(condition);
}

static bool read_words(uint64_t *word, size_t count) {
    return fread(word, sizeof(*word), count, stdin) == count;
}

int main(void) {
    uint64_t count;
    while (read_words(&count, 1)) {
        if (count == 0 || count > REQUEST_WORDS || !read_words(request, count)) {
            sim_fail("bad request");
        }
        answered = 0;
        alarm(DEADLINE_S);
        (request[0] == REQUEST_SIM ? sim_run : ops_run)(request + 1, count - 1);
        alarm(0);
        fwrite(&answered, sizeof(answered), 1, stdout);
        fwrite(answer, sizeof(*answer), answered, stdout);
        fflush(stdout);
    }
    return 0;
}
