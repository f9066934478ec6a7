/* Tries every order of the steps of a scenario, each state once, over pipes.
   Request: slots, bytes of a slot, words of a message, messages of end 0, of end 1, echo, enum sim_break.
   Answer: runs, states, steps of the failing run (0: none), its choices, the failure's text. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim.h"

#define REQUEST 7

static uint64_t *table; /* of the states seen, open addressing */
static uint64_t room, states;

static bool insert(uint64_t *into, uint64_t size, uint64_t state) {
    uint64_t at = state % size;
    while (into[at] != 0 && into[at] != state) {
        at = at + 1 == size ? 0 : at + 1;
    }
    bool there = into[at] == state;
    into[at] = state;
    return there;
}

static void grow(void) {
    uint64_t size = room == 0 ? 1 << 16 : 2 * room;
    uint64_t *larger = calloc(size, sizeof(*larger));
    for (uint64_t i = 0; i < room; i++) {
        if (table[i] != 0) {
            (void)insert(larger, size, table[i]);
        }
    }
    free(table);
    table = larger;
    room = size;
}

static bool seen(uint64_t state) {
    if (2 * states >= room) {
        grow();
    }
    bool there = insert(table, room, state != 0 ? state : 1);
    states += !there;
    return there;
}

/* To the last choice that has an alternative; false when there is none. */
static bool advance(const struct outcome *outcome, unsigned *choices, unsigned *count) {
    memcpy(choices, outcome->chosen, outcome->steps * sizeof(*choices));
    for (*count = outcome->steps; *count > 0; --*count) {
        if (++choices[*count - 1] < outcome->enabled[*count - 1]) {
            return true;
        }
    }
    return false;
}

static uint64_t explore(const struct scenario *scenario, struct outcome *outcome) {
    static unsigned choices[512];
    unsigned count = 0;
    uint64_t runs = 0;
    memset(table, 0, room * sizeof(*table));
    states = 0;
    do {
        sim_run(scenario, choices, count, seen, outcome);
        runs++;
    } while (outcome->failure == NULL && advance(outcome, choices, &count));
    return runs;
}

static void put(uint64_t word) {
    fwrite(&word, sizeof(word), 1, stdout);
}

static void answer(const struct outcome *outcome, uint64_t runs) {
    const char *text = outcome->failure != NULL ? outcome->failure : "";
    uint64_t length = strlen(text), steps = outcome->failure != NULL ? outcome->steps : 0;
    put(3 + steps + length);
    put(runs);
    put(states);
    put(steps);
    for (unsigned i = 0; i < steps; i++) {
        put(outcome->chosen[i]);
    }
    for (uint64_t i = 0; i < length; i++) {
        put((unsigned char)text[i]);
    }
    fflush(stdout);
}

int main(void) {
    static struct outcome outcome;
    uint64_t count, word[REQUEST];
    grow();
    while (fread(&count, sizeof(count), 1, stdin) == 1) {
        if (count != REQUEST || fread(word, sizeof(*word), REQUEST, stdin) != REQUEST) {
            return 1;
        }
        struct scenario scenario = {(unsigned)word[0],  (unsigned)word[1], (unsigned)word[2],
                                    {word[3], word[4]}, word[5] != 0,      (enum sim_break)word[6]};
        uint64_t runs = explore(&scenario, &outcome);
        answer(&outcome, runs);
    }
}
