/* The calls: tell, retract, ask. */
#include "skb/datalog/datalog.h"

#include <skerry/print.h>
#include <skerry/string.h>

#include "skb/datalog/internal.h"

struct datalog *datalog_make(void *memory, size_t size) {
    struct datalog *base = memory;
    if (size < DATALOG_MEMORY_MIN) {
        return NULL;
    }
    memset(base, 0, sizeof(*base));
    base->low = ALIGN_UP(sizeof(*base), 8ul);
    base->size = base->high = ALIGN_DOWN(size, 8ul);
    return base;
}

enum telling { TELL_KEEP, TELL_UNDO };

static bool tell(struct datalog *base, const char *text, size_t size, struct datalog_error *error,
                 enum telling telling) {
    size_t low = base->low;
    uint64_t rules = base->rule_count, predicates = base->predicate_count;
    change_begin(base, false);
    bool fine = parse_text(base, text, size, error);
    bool dependencies = base->rule_count != rules || base->predicate_count != predicates;
    if (fine && dependencies) {
        fine = strata_make(base, error);
    }
    if (fine && telling == TELL_KEEP) {
        change_keep(base);
        return true;
    }
    change_undo(base, low);
    if (dependencies) { /* the numbers of the strata as they were */
        struct datalog_error none;
        (void)strata_make(base, &none);
    }
    return fine;
}

bool datalog_tell(struct datalog *base, const char *text, size_t size, struct datalog_error *error) {
    return tell(base, text, size, error, TELL_KEEP);
}

bool datalog_would_tell(struct datalog *base, const char *text, size_t size, struct datalog_error *error) {
    return tell(base, text, size, error, TELL_UNDO);
}

struct taking {
    struct datalog *base;
    uint64_t taken;
};

static bool only_look(void *to, struct literal *pattern) {
    (void)to, (void)pattern;
    return true;
}

static bool take_matching(void *to, struct literal *pattern) {
    struct taking *taking = to;
    taking->taken += facts_take(taking->base, pattern->predicate, pattern->term);
    return true;
}

/* Read twice: the first time only to see that nothing is wrong. What it named is forgotten with the undoing. */
bool datalog_retract(struct datalog *base, const char *text, size_t size, uint64_t *taken,
                     struct datalog_error *error) {
    struct taking taking = {.base = base};
    size_t low = base->low;
    change_begin(base, false);
    bool fine = parse_pattern(base, text, size, error, only_look, NULL) &&
                parse_pattern(base, text, size, error, take_matching, &taking);
    change_undo(base, low);
    *taken = taking.taken;
    return fine;
}

bool datalog_would_retract(struct datalog *base, const char *text, size_t size, struct datalog_error *error) {
    size_t low = base->low;
    change_begin(base, false);
    bool fine = parse_pattern(base, text, size, error, only_look, NULL);
    change_undo(base, low);
    return fine;
}

/* The question's named variables, in the order of their appearance. */
struct answers {
    struct join join;
    struct relation *rows;
    uint32_t columns;
    uint32_t variable[DATALOG_VARIABLES];
};

static bool add_answer(struct join *join) {
    struct answers *answers = (struct answers *)join;
    value_t row[DATALOG_VARIABLES];
    for (uint32_t i = 0; i < answers->columns; i++) {
        row[i] = join->variable[answers->variable[i]];
    }
    return relation_add(join->base, answers->rows, row) >= 0;
}

static bool comes_before(const struct answers *answers, uint64_t a, uint64_t b) {
    const value_t *x = relation_row(answers->rows, a), *y = relation_row(answers->rows, b);
    for (uint32_t i = 0; i < answers->columns; i++) {
        int order = value_compare(x[i], y[i]);
        if (order != 0) {
            return order < 0;
        }
    }
    return false;
}

static void sink(const struct answers *answers, uint32_t *heap, uint64_t at, uint64_t count) {
    uint32_t row = heap[at];
    for (uint64_t child; (child = 2 * at + 1) < count; at = child) {
        child += child + 1 < count && comes_before(answers, heap[child], heap[child + 1]);
        if (!comes_before(answers, row, heap[child])) {
            break;
        }
        heap[at] = heap[child];
    }
    heap[at] = row;
}

static uint32_t *sorted(const struct answers *answers) {
    uint64_t count = relation_count(answers->rows);
    uint32_t *heap = memory_high(answers->join.base, MAX(count, 1ul) * sizeof(*heap));
    for (uint64_t i = 0; heap != NULL && i < count; i++) {
        heap[i] = (uint32_t)i;
    }
    for (uint64_t i = count / 2; heap != NULL && i-- > 0;) {
        sink(answers, heap, i, count);
    }
    for (uint64_t left = count; heap != NULL && left-- > 1;) {
        uint32_t last = heap[left];
        heap[left] = heap[0];
        heap[0] = last;
        sink(answers, heap, 0, left);
    }
    return heap;
}

static void read_row(const struct answers *answers, uint64_t row, struct datalog_reader *reader) {
    char text[DATALOG_VARIABLES][TEXT_SIZE];
    const char *names[DATALOG_VARIABLES], *values[DATALOG_VARIABLES];
    for (uint32_t i = 0; i < answers->columns; i++) {
        value_write(relation_row(answers->rows, row)[i], text[i]);
        names[i] = answers->join.rule->variable_name[answers->variable[i]]->text;
        values[i] = text[i];
    }
    reader->row(reader, answers->columns, names, values);
}

static bool answer(struct datalog *base, const struct rule *question, struct datalog_reader *reader) {
    struct answers answers = {.join = {.base = base, .rule = question, .plan = question->plans, .found = add_answer}};
    for (uint32_t i = 0; i < question->variables; i++) {
        if (question->variable_name[i] != NULL) {
            answers.variable[answers.columns++] = i;
        }
    }
    answers.rows = relation_make(base, answers.columns);
    if (answers.rows == NULL || !join_run(&answers.join)) {
        return false;
    }
    const uint32_t *rows = sorted(&answers);
    for (uint64_t i = 0; rows != NULL && i < relation_count(answers.rows); i++) {
        read_row(&answers, rows[i], reader);
    }
    return rows != NULL;
}

/* What the answers took is free again; with it go indexes that were made for them. */
static void forget_answers(struct datalog *base, size_t high) {
    for (const struct predicate *predicate = base->predicates; predicate != NULL; predicate = predicate->next) {
        if (predicate->relation != NULL) {
            relation_forget(base, predicate->relation, high);
        }
    }
    base->high = high;
}

bool datalog_ask(struct datalog *base, const char *text, size_t size, struct datalog_reader *reader,
                 struct datalog_error *error) {
    size_t low = base->low;
    struct rule question;
    change_begin(base, true);
    bool fine = parse_question(base, text, size, &question, error);
    if (fine && !evaluate_for(base, &question)) {
        fine = fail_full(error, question.place);
    }
    size_t high = base->high;
    if (fine && !answer(base, &question, reader)) {
        fine = fail_full(error, question.place);
    }
    forget_answers(base, high);
    change_undo(base, low);
    return fine;
}

static int fact_write(const struct fact *fact, char *line, size_t size) {
    char value[TEXT_SIZE];
    int at = snprintf(line, size, "%s", fact->predicate->name->text);
    for (uint32_t i = 0; i < fact->predicate->arity; i++) {
        value_write(fact->value[i], value);
        at += snprintf(line + at, size - (size_t)at, "%s%s", i == 0 ? "(" : ", ", value);
    }
    return snprintf(line + at, size - (size_t)at, "%s.", fact->predicate->arity > 0 ? ")" : "") + at;
}

bool datalog_facts(const struct datalog *base, bool (*write)(void *to, const char *line), void *to) {
    char line[2 * TEXT_SIZE + DATALOG_ARITY * (TEXT_SIZE + 2)];
    for (const struct predicate *predicate = base->predicates; predicate != NULL; predicate = predicate->next) {
        for (const struct fact *fact = predicate->facts; fact != NULL; fact = fact->next) {
            (void)fact_write(fact, line, sizeof(line));
            if (!write(to, line)) {
                return false;
            }
        }
    }
    return true;
}

void datalog_usage(const struct datalog *base, struct datalog_usage *usage) {
    *usage = (struct datalog_usage){
        .predicates = base->predicate_count,
        .facts = base->fact_count,
        .rules = base->rule_count,
        .told_bytes = base->low,
        .derived_bytes = base->size - base->high,
        .size = base->size,
    };
}
