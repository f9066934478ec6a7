/* A set of rows, in the order of their making, with an index for each set of columns that somebody looks rows up by.
   Everything lies at the high end; what grows is made anew at twice the size, and the old is left behind until the
   knowledge base forgets what it worked out. A chain of an index leads from newer rows to older ones, also after it grew:
   whoever is walking one goes on with what he has not seen. */
#include <skerry/string.h>

#include "skb/datalog/internal.h"

#define ROWS_FIRST 16
#define INDEXES 8

struct index {
    uint32_t mask;
    uint32_t *bucket; /* newest row + 1; as many as the relation has room for rows */
    uint32_t *next;   /* older row + 1, by row */
};

struct relation {
    uint32_t arity;
    uint64_t count, room;
    value_t *rows;
    uint32_t indexes;
    struct index index[INDEXES];
};

uint64_t relation_count(const struct relation *relation) {
    return relation->count;
}

const value_t *relation_row(const struct relation *relation, uint64_t row) {
    return relation->rows + row * relation->arity;
}

void relation_set(struct relation *relation, uint64_t row, uint32_t column, value_t value) {
    relation->rows[row * relation->arity + column] = value;
}

static uint64_t hash(const struct relation *relation, uint32_t mask, const value_t *value) {
    uint64_t sum = mask;
    for (uint32_t i = 0; i < relation->arity; i++) {
        if ((mask >> i & 1) != 0) {
            sum = (sum ^ value[i]) * 0x9e3779b97f4a7c15u;
            sum ^= sum >> 32;
        }
    }
    return sum;
}

static bool equal(const struct relation *relation, uint32_t mask, const value_t *a, const value_t *b) {
    for (uint32_t i = 0; i < relation->arity; i++) {
        if ((mask >> i & 1) != 0 && a[i] != b[i]) {
            return false;
        }
    }
    return true;
}

static void index_put(const struct relation *relation, struct index *index, uint64_t row) {
    uint64_t at = hash(relation, index->mask, relation_row(relation, row)) & (relation->room - 1);
    index->next[row] = index->bucket[at];
    index->bucket[at] = (uint32_t)row + 1;
}

/* Makes it, or makes it anew, for the room that the relation has. */
static bool index_fill(struct datalog *base, const struct relation *relation, struct index *index) {
    uint32_t *memory = memory_high(base, relation->room * 2 * sizeof(uint32_t));
    if (memory == NULL) {
        return false;
    }
    index->bucket = memory;
    index->next = memory + relation->room;
    for (uint64_t row = 0; row < relation->count; row++) {
        index_put(relation, index, row);
    }
    return true;
}

static bool index_make(struct datalog *base, struct relation *relation, uint32_t mask, uint32_t *found) {
    for (uint32_t i = 0; i < relation->indexes; i++) {
        if (relation->index[i].mask == mask) {
            *found = i;
            return true;
        }
    }
    if (relation->indexes == INDEXES) {
        *found = INDEXES;
        return true;
    }
    struct index index = {.mask = mask};
    if (!index_fill(base, relation, &index)) {
        return false;
    }
    *found = relation->indexes;
    relation->index[relation->indexes++] = index;
    return true;
}

void relation_forget(const struct datalog *base, struct relation *relation, size_t high) {
    const char *kept = (const char *)base + high;
    while (relation->indexes > 0 && (const char *)relation->index[relation->indexes - 1].bucket < kept) {
        relation->indexes--;
    }
}

struct relation *relation_make(struct datalog *base, uint32_t arity) {
    struct relation *relation = memory_high(base, sizeof(*relation));
    if (relation == NULL) {
        return NULL;
    }
    uint32_t all;
    relation->arity = arity;
    relation->room = ROWS_FIRST;
    relation->rows = memory_high(base, ROWS_FIRST * arity * sizeof(value_t));
    bool made = relation->rows != NULL && index_make(base, relation, (1u << arity) - 1, &all);
    return made ? relation : NULL;
}

static bool grow(struct datalog *base, struct relation *relation) {
    value_t *rows = memory_high(base, relation->room * 2 * relation->arity * sizeof(value_t));
    if (rows == NULL || relation->room * 2 > UINT32_MAX / 2) {
        return false;
    }
    memcpy(rows, relation->rows, relation->count * relation->arity * sizeof(value_t));
    relation->rows = rows;
    relation->room *= 2;
    for (uint32_t i = 0; i < relation->indexes; i++) {
        if (!index_fill(base, relation, &relation->index[i])) {
            return false;
        }
    }
    return true;
}

static bool is_there(const struct relation *relation, const value_t *value) {
    const struct index *index = &relation->index[0];
    uint32_t at = index->bucket[hash(relation, index->mask, value) & (relation->room - 1)];
    for (; at != 0; at = index->next[at - 1]) {
        if (equal(relation, index->mask, relation_row(relation, at - 1), value)) {
            return true;
        }
    }
    return false;
}

int relation_add(struct datalog *base, struct relation *relation, const value_t *value) {
    if (is_there(relation, value)) {
        return 0;
    }
    if (relation->count == relation->room && !grow(base, relation)) {
        return -1;
    }
    memcpy(relation->rows + relation->count * relation->arity, value, relation->arity * sizeof(value_t));
    for (uint32_t i = 0; i < relation->indexes; i++) {
        index_put(relation, &relation->index[i], relation->count);
    }
    relation->count++;
    return 1;
}

/* Without a column to look up by, and where there are too many indexes, all rows are gone through. */
bool relation_walk(struct datalog *base, struct relation *relation, struct relation_walk *walk) {
    uint32_t found = INDEXES;
    walk->relation = relation;
    if (walk->mask != 0 && !index_make(base, relation, walk->mask, &found)) {
        return false;
    }
    walk->index = found;
    walk->at = walk->rows.end;
    if (found != INDEXES) {
        const struct index *index = &relation->index[found];
        walk->at = index->bucket[hash(relation, walk->mask, walk->value) & (relation->room - 1)];
    }
    return true;
}

bool relation_next(struct relation_walk *walk, uint64_t *row) {
    const struct relation *relation = walk->relation;
    while (walk->at > walk->rows.first || (walk->index != INDEXES && walk->at != 0)) {
        *row = walk->at - 1;
        walk->at = walk->index != INDEXES ? relation->index[walk->index].next[*row] : *row;
        if (*row >= walk->rows.first && *row < walk->rows.end &&
            equal(relation, walk->mask, relation_row(relation, *row), walk->value)) {
            return true;
        }
    }
    return false;
}
