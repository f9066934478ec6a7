/* Types, rights, sizes and addresses that make sense, mostly; and some that do not. */
#include "programs/fuzz/generate.h"

#include <abi/stubs.h>

enum kind {
    ANY,
    SOURCE,
    CNODE,
    TOP_TABLE,
    FRAME,
    TABLE_1,
    TABLE_2,
    TABLE_3,
    SLOT_WORD,
    TYPE,
    TYPE_FRAME,
    RIGHTS,
    BADGE,
    OFFSET,
    SIZE,
    COUNT,
    ONE,
    NOTHING,
    INDEX,
    FLAGS,
    BIT,
    VADDR
};

#define OF(type) (1u << CAP_TYPE_##type)
#define TABLES (OF(VNODE_L4) | OF(VNODE_L3) | OF(VNODE_L2) | OF(VNODE_L1))
#define EVERY UINT32_MAX
#define COPYABLE (EVERY & ~(OF(RAM) | OF(MAPPING)))
#define SAME CAP_TYPE_COUNT /* what is made is of the invoked capability's type */

/* Number 17, run, is left out: what a dispatcher does when it runs is not in the model. */
static const struct row {
    unsigned weight, operation;
    uint32_t types; /* of the invoked capability, mostly */
    unsigned makes; /* type of what success leaves in the slot word's slot; 0: nothing, or what TYPE says */
    enum kind kind[INVOKE_ARGS];
} rows[] = {
    {9, OP_CAP_COPY, COPYABLE, SAME, {SLOT_WORD}},
    {1, OP_CAP_COPY, EVERY, SAME, {SLOT_WORD}},
    {8, OP_CAP_MINT, COPYABLE, SAME, {SLOT_WORD, RIGHTS, BADGE}},
    {5, OP_CAP_MOVE, EVERY, SAME, {SLOT_WORD}},
    {7, OP_CAP_DELETE, EVERY & ~OF(RAM), 0, {ANY}},
    {1, OP_CAP_DELETE, EVERY, 0, {ANY}},
    {2, OP_CAP_REVOKE, EVERY, 0, {ANY}},
    {26, OP_CAP_RETYPE, OF(RAM), 0, {TYPE, OFFSET, SIZE, COUNT, SLOT_WORD}},
    {4, OP_CAP_RETYPE, OF(FRAME), 0, {TYPE_FRAME, OFFSET, SIZE, COUNT, SLOT_WORD}},
    {3, OP_VNODE_MAP, TABLES, CAP_TYPE_MAPPING, {INDEX, SOURCE, OFFSET, COUNT, FLAGS, SLOT_WORD}},
    {8, OP_VNODE_MAP, OF(VNODE_L1), CAP_TYPE_MAPPING, {INDEX, FRAME, OFFSET, COUNT, FLAGS, SLOT_WORD}},
    {3, OP_VNODE_MAP, OF(VNODE_L2), CAP_TYPE_MAPPING, {INDEX, TABLE_1, NOTHING, ONE, FLAGS, SLOT_WORD}},
    {3, OP_VNODE_MAP, OF(VNODE_L3), CAP_TYPE_MAPPING, {INDEX, TABLE_2, NOTHING, ONE, FLAGS, SLOT_WORD}},
    {3, OP_VNODE_MAP, OF(VNODE_L4), CAP_TYPE_MAPPING, {INDEX, TABLE_3, NOTHING, ONE, FLAGS, SLOT_WORD}},
    {5, OP_MAPPING_PROTECT, OF(MAPPING), 0, {FLAGS}},
    {4, OP_DISPATCHER_SETUP, OF(DISPATCHER), 0, {CNODE, TOP_TABLE, FRAME, VADDR}},
    {2, OP_FRAME_IDENTIFY, OF(FRAME), 0, {ANY}},
    {2, OP_NOTIFICATION_SIGNAL, OF(NOTIFICATION), 0, {ANY}},
    {1, OP_DISPATCHER_STOP, OF(DISPATCHER), 0, {ANY}},
    {1, OP_DISPATCHER_NAME, OF(DISPATCHER), 0, {ANY}},
    {4, OP_DISPATCHER_ENDPOINT, OF(DISPATCHER), CAP_TYPE_ENDPOINT, {SLOT_WORD}},
    {4, OP_DISPATCHER_NOTIFICATION, OF(DISPATCHER), CAP_TYPE_NOTIFICATION, {SLOT_WORD, BIT}},
    {2, OP_DISPATCHER_INFO, OF(DISPATCHER), 0, {ANY}},
    {1, OP_DISPATCHER_WEIGHT, OF(DISPATCHER), 0, {ANY}},
    {1, OP_DISPATCHER_RESERVE, OF(DISPATCHER), 0, {ANY}},
    {2, OP_DISPATCHER_CSPACE, OF(DISPATCHER), 0, {CNODE}},
    {1, 26, EVERY, 0, {ANY}},
    {1, 1000, EVERY, 0, {ANY}},
};

static const uint64_t odd_words[] = {
    0,
    1,
    2,
    PAGE_SIZE - 1,
    PAGE_SIZE,
    PAGE_SIZE + 1,
    1ull << 31,
    (1ull << 32) - 1,
    1ull << 32,
    1ull << 44,
    1ull << 52,
    1ull << 63,
    USER_TOP,
    UINT64_MAX,
    UINT64_MAX - PAGE_SIZE + 1,
};
static const uint64_t odd_addresses[] = {
    0, 64 * 64, 0x7fffffff, CAPADDR_ROOT | 64, CAPADDR_ROOT | 0x7fffffff, 1ull << 32, 1ull << 63, UINT64_MAX,
};
static const uint64_t odd_counts[] = {0, 31, 32, 33, 64, 512, 513, UINT64_MAX};
static const uint64_t odd_indices[] = {254, 255, 256, 510, 511, 512, 1ull << 32, UINT64_MAX};
static const uint64_t flag_words[] = {1, 1, 3, 3, 3, 5, 5, 0, 2, 7, 9, 17, 19, 21, 25, 0x1001, 1ull << 32 | 1};
static const uint64_t badges[] = {0, 0, 0, 1, 7, 0x30, 99, 239, 240, 1ull << 60};

static const uint64_t useful_types[] = {
    CAP_TYPE_RAM,      CAP_TYPE_RAM,      CAP_TYPE_FRAME,    CAP_TYPE_FRAME,    CAP_TYPE_CNODE,      CAP_TYPE_VNODE_L4,
    CAP_TYPE_VNODE_L3, CAP_TYPE_VNODE_L2, CAP_TYPE_VNODE_L1, CAP_TYPE_VNODE_L1, CAP_TYPE_DISPATCHER,
};

/* What is believed to lie in each slot of the arena: a type, 0 for nothing, UNKNOWN. Answers correct it. */
#define PLACES (ARENA_CNODES * ARENA_SLOTS)
#define UNKNOWN 31u
#define NOWHERE UINT32_MAX

static uint8_t believed[PLACES];
static uint64_t state;

static uint64_t next(void) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

static uint64_t pick(uint64_t n) {
    return next() % n;
}

#define PICK(table) table[pick(ARRAY_SIZE(table))]

static uint64_t odd_word(void) {
    return pick(4) == 0 ? next() : PICK(odd_words);
}

static bool holds(uint32_t place, uint32_t types) {
    return believed[place] != 0 && (types >> believed[place] & 1) != 0;
}

/* A place that holds one of these types; if none does, one that holds anything; if none does, any. */
static uint32_t place_of(uint32_t types) {
    uint32_t count = 0;
    for (uint32_t place = 0; place < PLACES; place++) {
        count += holds(place, types);
    }
    if (count == 0 && types != EVERY) {
        return place_of(EVERY);
    }
    uint64_t left = pick(count != 0 ? count : PLACES);
    uint32_t place = 0;
    while (count != 0 ? !holds(place, types) || left-- > 0 : place < left) {
        place++;
    }
    return place;
}

static uint32_t place_empty(void) {
    uint32_t place = 0;
    for (unsigned i = 0; i < 8; i++) {
        place = (uint32_t)pick(PLACES);
        if (believed[place] == 0) {
            break;
        }
    }
    return place;
}

static uint64_t address_of(uint32_t place) {
    return (uint64_t)(ARENA_ROOT + place / ARENA_SLOTS) << CNODE_SLOTS_BITS | place % ARENA_SLOTS;
}

static uint64_t word_for(uint32_t place) {
    uint64_t cnode = CAPADDR_ROOT | (ARENA_ROOT + place / ARENA_SLOTS);
    return cnode << 32 | place % ARENA_SLOTS;
}

static uint32_t place_at(uint64_t address) {
    uint64_t cnode = (address >> CNODE_SLOTS_BITS) - ARENA_ROOT, slot = address & 63;
    return cnode < ARENA_CNODES && slot < ARENA_SLOTS ? (uint32_t)(cnode * ARENA_SLOTS + slot) : NOWHERE;
}

static uint32_t place_in(uint64_t word) {
    uint64_t cnode = (word >> 32) - (CAPADDR_ROOT | ARENA_ROOT), slot = word & UINT32_MAX;
    return cnode < ARENA_CNODES && slot < ARENA_SLOTS ? (uint32_t)(cnode * ARENA_SLOTS + slot) : NOWHERE;
}

static uint64_t address(uint32_t types) {
    uint64_t choice = pick(64);
    if (choice < 58) {
        return address_of(place_of(types));
    }
    if (choice < 60) {
        uint64_t cnode = ARENA_ROOT + pick(ARENA_ROOTS);
        return cnode << CNODE_SLOTS_BITS | pick(64);
    }
    if (choice == 60) {
        return CAPADDR_ROOT | (ARENA_ROOT + pick(ARENA_ROOTS));
    }
    return PICK(odd_addresses);
}

static uint64_t slot_word(void) {
    uint64_t choice = pick(32), cnode;
    if (choice < 26) {
        return word_for(place_empty());
    }
    if (choice < 28) {
        cnode = CAPADDR_ROOT | (ARENA_ROOT + pick(ARENA_ROOTS));
        return cnode << 32 | pick(70);
    }
    if (choice < 30) {
        cnode = address_of(place_of(OF(CNODE)));
        return cnode << 32 | pick(ARENA_SLOTS);
    }
    if (choice == 30) {
        return (uint64_t)CAP_ROOT_CNODE << 32 | (ARENA_ROOT + pick(12));
    }
    return odd_word();
}

static uint64_t word_of(enum kind kind) {
    switch (kind) {
    case SOURCE:
        return address(OF(FRAME) | TABLES);
    case CNODE:
        return address(OF(CNODE));
    case TOP_TABLE:
        return address(OF(VNODE_L4));
    case FRAME:
        return address(OF(FRAME));
    case TABLE_1:
        return address(OF(VNODE_L1));
    case TABLE_2:
        return address(OF(VNODE_L2));
    case TABLE_3:
        return address(OF(VNODE_L3));
    case SLOT_WORD:
        return slot_word();
    case TYPE:
        return pick(16) == 0 ? odd_word() : pick(8) == 0 ? pick(CAP_TYPE_COUNT) : PICK(useful_types);
    case TYPE_FRAME:
        return CAP_TYPE_FRAME;
    case RIGHTS:
        return pick(3) == 0 ? pick(18) : RIGHT_ALL;
    case BADGE:
        return PICK(badges);
    case OFFSET:
        return pick(8) == 0 ? odd_word() : pick(ARENA_PAGES + 2) * PAGE_SIZE;
    case SIZE:
        return pick(8) == 0 ? odd_word() : pick(3) == 0 ? pick(16) * PAGE_SIZE : PAGE_SIZE;
    case COUNT:
        return pick(8) == 0 ? PICK(odd_counts) : 1 + pick(3);
    case ONE:
        return pick(8) == 0 ? PICK(odd_counts) : 1;
    case NOTHING:
        return pick(8) == 0 ? odd_word() : 0;
    case INDEX:
        return pick(8) == 0 ? PICK(odd_indices) : pick(24);
    case FLAGS:
        return PICK(flag_words);
    case BIT:
        return pick(8) == 0 ? odd_word() : pick(66);
    case VADDR:
        return pick(4) == 0 ? odd_word() : pick(1024) * PAGE_SIZE;
    default:
        return odd_word();
    }
}

static const struct row *row_pick(void) {
    uint64_t sum = 0;
    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        sum += rows[i].weight;
    }
    uint64_t left = pick(sum);
    const struct row *row = rows;
    while (left >= row->weight) {
        left -= row->weight;
        row++;
    }
    return row;
}

static const struct row *row;

void generate_seed(uint64_t seed) {
    state = seed * 0x9e3779b97f4a7c15 + 1;
    state = state == 0 ? 1 : state;
}

void generate_reset(void) {
    for (unsigned i = 0; i < PLACES; i++) {
        believed[i] = 0;
    }
    for (unsigned i = 0; i < ARENA_PIECES; i++) {
        believed[i] = CAP_TYPE_RAM;
    }
}

void generate_next(struct generated *out) {
    row = row_pick();
    out->cap = (capaddr_t)address(row->types);
    out->operation = row->operation;
    for (unsigned i = 0; i < INVOKE_ARGS; i++) {
        out->word[i] = word_of(row->kind[i]);
    }
}

/* Where what was made lies, by the row: it may be wrong when the operation was another type's. */
static uint64_t destination(const struct generated *g) {
    for (unsigned i = 0; i < INVOKE_ARGS; i++) {
        if (row->kind[i] == SLOT_WORD) {
            return g->word[i];
        }
    }
    return 0;
}

static void believe_made(const struct generated *g, uint32_t source) {
    uint32_t place = place_in(destination(g));
    uint64_t count = row->operation == OP_CAP_RETYPE ? g->word[3] : 1;
    uint64_t type = row->operation == OP_CAP_RETYPE ? g->word[0] : row->makes;
    if (row->makes == SAME) {
        type = source == NOWHERE ? UNKNOWN : believed[source];
    }
    for (uint64_t i = 0; i < count && type != 0 && place != NOWHERE && place + i < PLACES; i++) {
        believed[place + i] = (uint8_t)type;
    }
}

void generate_learn(const struct generated *g, err_t err) {
    uint32_t source = place_at(g->cap), place = place_in(destination(g));
    if (err == ERR_OK) {
        believe_made(g, source);
    } else if (err == ERR_SLOT_OCCUPIED && place != NOWHERE && believed[place] == 0) {
        believed[place] = UNKNOWN;
    }
    bool gone =
        err == ERR_CAP_EMPTY || (err == ERR_OK && (row->operation == OP_CAP_DELETE || row->operation == OP_CAP_MOVE));
    if (gone && source != NOWHERE) {
        believed[source] = 0;
    }
}
