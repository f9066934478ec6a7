/* See agreement_wire.h. The head, from bit 0: type 4, client 4, phases 2, topology 2, flags 4, count 3, words of each operation
   3, words of a set 3, 1: members follow, 1: below follows, slot 4, root 8, core 8, result 16. */
#include "monitor/agreement_wire.h"

_Static_assert(AGREE_CORES <= 256 && AGREE_WINDOW <= 16 && AGREE_CLIENTS <= 16, "the head's fields");
_Static_assert(AGREE_TOPOLOGIES <= 4 && AGREE_BATCH < 8 && AGREE_WORDS < 8 && AGREE_SET_WORDS < 8, "the head's fields");
_Static_assert(AGREE_TYPES <= 16 && (AGREE_NEEDS_ALL | AGREE_ALONE | AGREE_URGENT | AGREE_EVERYONE) < 16,
               "the head's fields");

enum { TYPE = 0, CLIENT = 4, PHASES = 8, TOPOLOGY = 10, FLAGS = 12, COUNT = 16, WORDS = 19, SET = 22, MEMBERS = 25 };
enum { BELOW = 26, SLOT = 27, ROOT = 32, CORE = 40, RESULT = 48 };

static uint64_t bits(uint64_t head, unsigned at, unsigned width) {
    return head >> at & ((1UL << width) - 1);
}

static bool has_id(unsigned type) {
    return type != AGREE_NOTE && type != AGREE_VIEW && type != AGREE_REPORTED;
}

static bool is_whole(unsigned type) {
    return type == AGREE_ASK || type == AGREE_DECIDE || type == AGREE_REPORT;
}

/* Says no more than which message it answers, and the result. */
static bool is_answer(unsigned type) {
    return type == AGREE_VOTE || type == AGREE_ACK;
}

/* What a message of this type has of operations; the engine keeps those of notes in the first place. */
static unsigned operations(unsigned type, unsigned count) {
    return is_whole(type) ? count : type == AGREE_NOTE;
}

static unsigned operation_words(const struct agree_message *message, unsigned count) {
    unsigned words = 0;
    for (unsigned i = 0; i < count; i++) {
        unsigned own = AGREE_WORDS;
        while (own > words && message->op[i][own - 1] == 0) {
            own--;
        }
        words = own;
    }
    return words;
}

static uint64_t *put(uint64_t *at, const uint64_t *words, unsigned count) {
    for (unsigned i = 0; i < count; i++) {
        at[i] = words[i];
    }
    return at + count;
}

unsigned agreement_pack(const struct agree_message *message, unsigned cores, uint64_t word[AGREEMENT_WIRE_WORDS]) {
    if (is_answer(message->type)) {
        word[0] = (uint64_t)message->type << TYPE | (uint64_t)message->id.slot << SLOT |
                  (uint64_t)message->id.core << CORE | (uint64_t)message->result << RESULT;
        word[1] = message->id.number;
        return 2;
    }
    unsigned count = operations(message->type, message->count), words = operation_words(message, count);
    unsigned set = (cores + 63) / 64;
    bool sets = is_whole(message->type);
    uint64_t members = sets || message->type == AGREE_VIEW, below = sets && !agree_empty(&message->below);
    uint64_t *at = &word[1];
    word[0] = (uint64_t)message->type << TYPE | (uint64_t)message->client << CLIENT |
              (uint64_t)message->phases << PHASES | (uint64_t)message->topology << TOPOLOGY |
              (uint64_t)message->flags << FLAGS | (uint64_t)message->count << COUNT | (uint64_t)words << WORDS |
              (uint64_t)set << SET | members << MEMBERS | below << BELOW | (uint64_t)message->id.slot << SLOT |
              (uint64_t)message->root << ROOT | (uint64_t)message->id.core << CORE |
              (uint64_t)message->result << RESULT;
    at = has_id(message->type) ? put(at, &message->id.number, 1) : at;
    at = sets ? put(at, &message->stamp, 1) : at;
    at = members ? put(at, message->members.word, set) : at;
    at = below ? put(at, message->below.word, set) : at;
    for (unsigned i = 0; i < count; i++) {
        at = put(at, message->op[i], words);
    }
    return (unsigned)(at - word);
}

unsigned agreement_words(uint64_t head) {
    unsigned type = (unsigned)bits(head, TYPE, 4), set = (unsigned)bits(head, SET, 3);
    unsigned count = operations(type, (unsigned)bits(head, COUNT, 3)), words = (unsigned)bits(head, WORDS, 3);
    unsigned sets = (unsigned)(bits(head, MEMBERS, 1) + bits(head, BELOW, 1));
    if (type >= AGREE_TYPES || set > AGREE_SET_WORDS || count > AGREE_BATCH || words > AGREE_WORDS) {
        return 0;
    }
    return 1 + has_id(type) + is_whole(type) + sets * set + count * words;
}

static const uint64_t *get(const uint64_t *at, uint64_t *words, unsigned count) {
    for (unsigned i = 0; i < count; i++) {
        words[i] = at[i];
    }
    return at + count;
}

void agreement_unpack(const uint64_t *word, struct agree_message *message) {
    uint64_t head = word[0];
    const uint64_t *at = &word[1];
    unsigned set = (unsigned)bits(head, SET, 3), words = (unsigned)bits(head, WORDS, 3);
    message->type = (uint8_t)bits(head, TYPE, 4);
    message->result = (err_t)bits(head, RESULT, 16);
    message->id.core = (uint32_t)bits(head, CORE, 8);
    message->id.slot = (uint32_t)bits(head, SLOT, 4);
    message->members = (struct agree_set){};
    if (is_answer(message->type)) {
        message->id.number = word[1];
        return;
    }
    message->id.number = message->stamp = 0;
    message->below = (struct agree_set){};
    message->client = (uint8_t)bits(head, CLIENT, 4);
    message->phases = (uint8_t)bits(head, PHASES, 2);
    message->topology = (uint8_t)bits(head, TOPOLOGY, 2);
    message->flags = (uint8_t)bits(head, FLAGS, 4);
    message->count = (uint8_t)bits(head, COUNT, 3);
    message->root = (uint16_t)bits(head, ROOT, 8);
    at = has_id(message->type) ? get(at, &message->id.number, 1) : at;
    at = is_whole(message->type) ? get(at, &message->stamp, 1) : at;
    at = bits(head, MEMBERS, 1) ? get(at, message->members.word, set) : at;
    at = bits(head, BELOW, 1) ? get(at, message->below.word, set) : at;
    for (unsigned i = 0; i < operations(message->type, message->count); i++) {
        at = get(at, message->op[i], words);
        for (unsigned j = words; j < AGREE_WORDS; j++) {
            message->op[i][j] = 0;
        }
    }
}
