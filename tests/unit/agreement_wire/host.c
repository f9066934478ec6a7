/* Messages of the agreement engine through their form on the wire, and heads that no message has. Arguments: seed, rounds. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <monitor/agreement_wire.h>

static uint64_t state;

static uint64_t random_word(void) {
    state ^= state << 13;
    state ^= state >> 7;
    return state ^= state << 17;
}

static struct agree_set random_set(unsigned cores) {
    struct agree_set set = {};
    for (unsigned core = 0; core < cores; core++) {
        if (random_word() % 3 == 0) {
            agree_add(&set, core);
        }
    }
    return set;
}

/* As the engine makes them: what a type does not have is zero. */
static struct agree_message random_message(unsigned cores) {
    uint8_t type = (uint8_t)(random_word() % AGREE_TYPES);
    bool whole = type == AGREE_ASK || type == AGREE_DECIDE || type == AGREE_REPORT;
    struct agree_message message = {.type = type, .attempt = (uint32_t)random_word()};
    if (type == AGREE_VIEW || type == AGREE_REPORTED) {
        message.members = type == AGREE_VIEW ? random_set(cores) : message.members;
        return message;
    }
    if (type != AGREE_NOTE) {
        message.result = (err_t)(random_word() % 64);
        message.id = (struct agree_id){random_word(), (uint32_t)(random_word() % cores),
                                       (uint32_t)(random_word() % AGREE_WINDOW)};
    }
    unsigned operations = type == AGREE_NOTE;
    if (whole) {
        message.phases = (uint8_t)(1 + random_word() % 2);
        message.topology = (uint8_t)(random_word() % AGREE_TOPOLOGIES);
        message.flags = (uint8_t)(random_word() % 16);
        message.count = (uint8_t)(1 + random_word() % AGREE_BATCH);
        message.root = (uint16_t)(random_word() % cores);
        message.stamp = random_word();
        message.members = random_set(cores);
        message.below = random_word() % 2 ? random_set(cores) : message.below;
        operations = message.count;
    }
    if (whole || type == AGREE_NOTE) {
        message.client = (uint8_t)(random_word() % AGREE_CLIENTS);
    }
    for (unsigned i = 0; i < operations; i++) {
        for (unsigned j = 0; j < random_word() % (AGREE_WORDS + 1); j++) {
            message.op[i][j] = random_word();
        }
    }
    return message;
}

static void round_trip(void) {
    unsigned cores = 1 + (unsigned)(random_word() % AGREE_CORES);
    struct agree_message message = random_message(cores),
                         back = {}; /* operations that there are none of are left alone */
    uint64_t *word = calloc(AGREEMENT_WIRE_WORDS, sizeof(*word));
    unsigned words = agreement_pack(&message, cores, word);
    assert(words >= 1 && words <= AGREEMENT_WIRE_WORDS && agreement_words(word[0]) == words);
    uint64_t *exact = malloc(words * sizeof(*exact)); /* so that the sanitizer sees a word too many */
    memcpy(exact, word, words * sizeof(*exact));
    agreement_unpack(exact, &back);
    back.attempt = message.attempt;
    assert(memcmp(&back, &message, sizeof(message)) == 0);
    free(exact);
    free(word);
}

static void hostile_head(void) {
    uint64_t head = random_word();
    unsigned words = agreement_words(head);
    assert(words <= AGREEMENT_WIRE_WORDS);
    if (words != 0) {
        struct agree_message message;
        uint64_t *word = calloc(words, sizeof(*word));
        word[0] = head;
        agreement_unpack(word, &message);
        free(word);
    }
}

int main(int argc, char **argv) {
    assert(argc == 3);
    state = strtoull(argv[1], NULL, 10) * 2654435761u + 1;
    for (unsigned long rounds = strtoul(argv[2], NULL, 10); rounds > 0; rounds--) {
        round_trip();
        hostile_head();
    }
    puts("same");
    return 0;
}
