/*
 * The host program: a request is a count and that many words; an answer is a count and words, of which the first is the
 * length of the text that says what failed (0: nothing), and the text's words follow.
 *
 * Request: what, three arguments, the scenario (its words in the order of world.h), then choices.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "world.h"

#define DEADLINE_S 120

enum { REQUEST_CHOICES, REQUEST_SEED, REQUEST_EXPLORE };
enum { REQUEST_WORDS = 1 << 16, ANSWER_WORDS = 1 << 20, HEAD = 4, SCENARIO_HEAD = 9 };

static uint64_t request[REQUEST_WORDS], answer[ANSWER_WORDS], answered;

void sim_put(uint64_t word) {
    if (answered < ANSWER_WORDS) {
        answer[answered++] = word;
    }
}

static bool read_words(uint64_t *word, size_t count) {
    return fread(word, sizeof(*word), count, stdin) == count;
}

static void bad_request(void) {
    fprintf(stderr, "agreement simulator: bad request\n");
    abort();
}

/* Returns the words that it took. */
static size_t read_scenario(const uint64_t *word, size_t count) {
    memset(&scenario, 0, sizeof(scenario));
    if (count < SCENARIO_HEAD || word[0] >= PROTOCOLS || word[1] > WORLD_CORES || word[8] > WORLD_OPS ||
        count < SCENARIO_HEAD + word[8] * WORLD_OP_WORDS) {
        bad_request();
    }
    memcpy(&scenario, word, SCENARIO_HEAD * sizeof(*word));
    memcpy(scenario.op, word + SCENARIO_HEAD, word[8] * sizeof(struct world_op));
    return SCENARIO_HEAD + word[8] * WORLD_OP_WORDS;
}

static void serve(size_t count) {
    size_t used = HEAD + read_scenario(request + HEAD, count - HEAD);
    switch (request[0]) {
    case REQUEST_CHOICES:
        return drive_choices(request + used, count - used);
    case REQUEST_SEED:
        return drive_seed(request[1], request[2], request[3] != 0);
    case REQUEST_EXPLORE:
        return explore(request[1]);
    default:
        return bad_request();
    }
}

static void reply(void) {
    char text[256] = "";
    snprintf(text, sizeof(text), "%s", world_failure == NULL ? "" : world_failure);
    uint64_t words = (strlen(text) + 7) / 8, count = 1 + words + answered;
    fwrite(&count, sizeof(count), 1, stdout);
    fwrite(&words, sizeof(words), 1, stdout);
    fwrite(text, 8, words, stdout);
    fwrite(answer, sizeof(*answer), answered, stdout);
    fflush(stdout);
}

int main(void) {
    uint64_t count;
    while (read_words(&count, 1)) {
        if (count < HEAD || count > REQUEST_WORDS || !read_words(request, count)) {
            bad_request();
        }
        answered = 0;
        alarm(DEADLINE_S);
        serve(count);
        alarm(0);
        reply();
    }
    return 0;
}
