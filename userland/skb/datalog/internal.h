/* What the parts of the engine share. A value is an integer, shifted left by one, or the address of its symbol with bit 0
   set. Nothing is ever freed one by one: a failed change is undone word by word, and memory falls back to its mark. */
#ifndef DATALOG_INTERNAL_H
#define DATALOG_INTERNAL_H

#include "skb/datalog/datalog.h"

#define SYMBOL_BUCKETS 256
#define FACT_BUCKETS 4096
#define TEXT_SIZE 260 /* of a value as the language writes it */

typedef uint64_t value_t;

struct symbol {
    struct symbol *next; /* in its bucket */
    uint32_t size;
    char text[]; /* NUL-terminated */
};

struct fact {
    struct fact *next, *bucket_next;
    struct predicate *predicate;
    value_t value[];
};

enum term_kind { TERM_VALUE, TERM_VARIABLE };

struct term {
    enum term_kind kind;
    uint32_t variable;
    value_t value;
};

enum literal_kind { LITERAL_ATOM, LITERAL_NOT, LITERAL_COMPARE };
enum comparison {
    COMPARE_EQUAL,
    COMPARE_DIFFERENT,
    COMPARE_LESS,
    COMPARE_LESS_EQUAL,
    COMPARE_GREATER,
    COMPARE_GREATER_EQUAL
};
enum arithmetic { ARITHMETIC_NONE, ARITHMETIC_ADD, ARITHMETIC_SUBTRACT, ARITHMETIC_MULTIPLY };
enum aggregate { AGGREGATE_NONE, AGGREGATE_MIN, AGGREGATE_MAX, AGGREGATE_COUNT };

struct place {
    uint32_t line, column;
};

/* A condition. A comparison has term[0] on its left, and term[1], or term[1] and term[2] combined, on its right. */
struct literal {
    enum literal_kind kind;
    struct predicate *predicate;
    enum comparison comparison;
    enum arithmetic arithmetic;
    uint32_t terms;
    struct term term[DATALOG_ARITY];
    struct place place;
};

/* An order in which a rule's conditions are met. For each step: the columns whose values are known before it. */
struct plan {
    struct plan *next;
    int delta; /* the condition that is met by new rows only; -1: none */
    uint8_t order[DATALOG_BODY];
    uint8_t known[DATALOG_BODY];
    uint8_t binds[DATALOG_BODY]; /* columns that give a variable its value; a comparison: bit 0 or 1 */
};

struct rule {
    struct rule *next; /* of the same head */
    struct predicate *head;
    struct term head_term[DATALOG_ARITY];
    enum aggregate aggregate;
    uint32_t aggregate_column;
    uint32_t variables;
    const struct symbol *variable_name[DATALOG_VARIABLES]; /* NULL: _ */
    uint32_t conditions;
    struct literal *body;
    struct plan *plans; /* the first is the one without a delta */
    struct place place;
    bool told_now; /* by the text that is being told */
};

struct predicate {
    struct predicate *next; /* of all */
    const struct symbol *name;
    uint32_t arity;
    struct fact *facts, *facts_last;
    uint64_t fact_count;
    struct rule *rules;
    /* Of the strata: predicates with the same number depend on each other. */
    uint32_t stratum, visit, low;
    bool on_stack;
    /* Worked out, at the high end. */
    struct relation *relation;
    bool complete, needed;
    uint64_t old, now; /* rows [old, now) are new to this round of a recursion, later ones to the next */
};

struct undo {
    struct undo *next;
    uint64_t *word;
    uint64_t old;
};

struct datalog {
    size_t size, low, high; /* told below low, derived from high on */
    struct symbol *symbols[SYMBOL_BUCKETS];
    struct fact *fact_buckets[FACT_BUCKETS];
    struct predicate *predicates;
    uint64_t predicate_count, fact_count, rule_count;
    uint32_t strata;
    struct undo *undo;
    bool undo_low; /* a question's: it goes together with what it parsed */
    struct fact *free_facts[DATALOG_ARITY + 1];
};

/* memory.c. NULL: full. */
void *memory_low(struct datalog *base, size_t size);
void *memory_high(struct datalog *base, size_t size);
bool change_word(struct datalog *base, void *word, uint64_t value);
void change_begin(struct datalog *base, bool question);
void change_keep(struct datalog *base);
void change_undo(struct datalog *base, size_t low);
void derived_forget(struct datalog *base);

/* symbols.c */
const struct symbol *symbol_make(struct datalog *base, const char *text, size_t size);
static inline value_t value_integer(int64_t number) {
    return (uint64_t)number << 1;
}
static inline value_t value_symbol(const struct symbol *symbol) {
    return (uint64_t)symbol | 1;
}
static inline bool value_is_symbol(value_t value) {
    return (value & 1) != 0;
}
static inline const struct symbol *symbol_of(value_t value) {
    return (const struct symbol *)(value & ~1ul);
}
static inline int64_t integer_of(value_t value) {
    return (int64_t)value >> 1;
}
int value_compare(value_t a, value_t b);
void value_write(value_t value, char text[TEXT_SIZE]);

/* facts.c */
struct predicate *predicate_find(const struct datalog *base, const struct symbol *name, uint32_t arity);
struct predicate *predicate_make(struct datalog *base, const struct symbol *name, uint32_t arity);
bool fact_add(struct datalog *base, struct predicate *predicate, const value_t *value);
uint64_t facts_take(struct datalog *base, struct predicate *predicate, const struct term *term);

/* error.c. All false, so that `return fail(...)` reads well. */
bool fail(struct datalog_error *error, struct place place, const char *format, ...) PRINTF_LIKE(3, 4);
bool fail_full(struct datalog_error *error, struct place place);

/* parse.c */
bool parse_text(struct datalog *base, const char *text, size_t size, struct datalog_error *error);
bool parse_pattern(struct datalog *base, const char *text, size_t size, struct datalog_error *error,
                   bool (*found)(void *to, struct literal *pattern), void *to);
bool parse_question(struct datalog *base, const char *text, size_t size, struct rule *rule,
                    struct datalog_error *error);

/* plan.c: orders, and whether each variable gets a value. */
bool plan_rule(struct datalog *base, struct rule *rule, struct datalog_error *error);
bool plan_deltas(struct datalog *base, struct rule *rule);

/* strata.c */
bool strata_make(struct datalog *base, struct datalog_error *error);

/* relation.c: rows worked out. */
struct relation *relation_make(struct datalog *base, uint32_t arity);
/* Its indexes that lie below `high` go: their memory is about to. The relation has not grown since they were made. */
void relation_forget(const struct datalog *base, struct relation *relation, size_t high);
struct relation_rows {
    uint64_t first, end; /* rows [first, end) */
};
uint64_t relation_count(const struct relation *relation);
const value_t *relation_row(const struct relation *relation, uint64_t row);
/* 1 added, 0 there already, -1 full */
int relation_add(struct datalog *base, struct relation *relation, const value_t *value);
void relation_set(struct relation *relation, uint64_t row, uint32_t column, value_t value);
/* Walks the rows whose columns of `mask` have these values, newest first; rows may be added meanwhile. False: full. */
struct relation_walk {
    uint32_t mask;
    value_t value[DATALOG_ARITY];
    struct relation_rows rows;
    const struct relation *relation;
    uint32_t index;
    uint64_t at;
};
bool relation_walk(struct datalog *base, struct relation *relation, struct relation_walk *walk);
bool relation_next(struct relation_walk *walk, uint64_t *row);

/* join.c: goes through all ways to meet a rule's conditions. */
struct join {
    struct datalog *base;
    const struct rule *rule;
    const struct plan *plan;
    value_t variable[DATALOG_VARIABLES];
    bool (*found)(struct join *join); /* false: full */
};
bool join_run(struct join *join);

/* evaluate.c */
bool evaluate_for(struct datalog *base, const struct rule *question);

#endif
