/* Goes through all ways to meet a rule's conditions, one after the other in the order of its plan. How deep that goes is
   bounded by DATALOG_BODY. */
#include "skb/datalog/internal.h"

static bool join_step(struct join *join, uint32_t step);

static value_t value_of(const struct join *join, const struct term *term) {
    return term->kind == TERM_VALUE ? term->value : join->variable[term->variable];
}

/* Where both may be new to a round, one way to meet them must not be found twice: what stands before the condition that
   is met by new rows is met by old ones. */
static struct relation_rows rows_of(const struct join *join, uint32_t condition) {
    const struct predicate *predicate = join->rule->body[condition].predicate;
    const struct predicate *head = join->rule->head;
    int delta = join->plan->delta;
    if (head == NULL || predicate->stratum != head->stratum) {
        return (struct relation_rows){0, relation_count(predicate->relation)};
    }
    if (delta == (int)condition) {
        return (struct relation_rows){predicate->old, predicate->now};
    }
    return (struct relation_rows){0, delta > (int)condition ? predicate->old : predicate->now};
}

static void walk_prepare(const struct join *join, uint32_t step, struct relation_walk *walk) {
    uint32_t condition = join->plan->order[step];
    const struct literal *literal = &join->rule->body[condition];
    walk->mask = join->plan->known[step];
    walk->rows = rows_of(join, condition);
    for (uint32_t i = 0; i < literal->terms; i++) {
        walk->value[i] = (walk->mask >> i & 1) != 0 ? value_of(join, &literal->term[i]) : 0;
    }
}

/* Gives the row's values to the variables that have none; one that appears twice must find the same. */
static bool take_row(struct join *join, uint32_t step, const value_t *row) {
    const struct literal *literal = &join->rule->body[join->plan->order[step]];
    uint32_t binds = join->plan->binds[step];
    for (uint32_t i = 0; i < literal->terms; i++) {
        if ((binds >> i & 1) != 0) {
            join->variable[literal->term[i].variable] = row[i];
        } else if (value_of(join, &literal->term[i]) != row[i]) {
            return false;
        }
    }
    return true;
}

static bool meet_atom(struct join *join, uint32_t step) {
    struct relation *relation = join->rule->body[join->plan->order[step]].predicate->relation;
    struct relation_walk walk;
    uint64_t row;
    walk_prepare(join, step, &walk);
    if (!relation_walk(join->base, relation, &walk)) {
        return false;
    }
    while (relation_next(&walk, &row)) {
        if (take_row(join, step, relation_row(relation, row)) && !join_step(join, step + 1)) {
            return false;
        }
    }
    return true;
}

static bool meet_not(struct join *join, uint32_t step) {
    struct relation *relation = join->rule->body[join->plan->order[step]].predicate->relation;
    struct relation_walk walk;
    uint64_t row;
    walk_prepare(join, step, &walk);
    if (!relation_walk(join->base, relation, &walk)) {
        return false;
    }
    return relation_next(&walk, &row) || join_step(join, step + 1);
}

/* Only integers can be reckoned with. False: this way does not meet the condition. */
static bool right_side(const struct join *join, const struct literal *literal, value_t *result) {
    value_t a = value_of(join, &literal->term[1]);
    if (literal->arithmetic == ARITHMETIC_NONE) {
        *result = a;
        return true;
    }
    value_t b = value_of(join, &literal->term[2]);
    int64_t number = 0;
    if (value_is_symbol(a) || value_is_symbol(b)) {
        return false;
    }
    bool over = literal->arithmetic == ARITHMETIC_ADD ? __builtin_add_overflow(integer_of(a), integer_of(b), &number)
                : literal->arithmetic == ARITHMETIC_SUBTRACT
                    ? __builtin_sub_overflow(integer_of(a), integer_of(b), &number)
                    : __builtin_mul_overflow(integer_of(a), integer_of(b), &number);
    *result = value_integer(number);
    return !over && integer_of(*result) == number;
}

static bool compares(enum comparison comparison, int order) {
    switch (comparison) {
    case COMPARE_EQUAL:
        return order == 0;
    case COMPARE_DIFFERENT:
        return order != 0;
    case COMPARE_LESS:
        return order < 0;
    case COMPARE_LESS_EQUAL:
        return order <= 0;
    case COMPARE_GREATER:
        return order > 0;
    default:
        return order >= 0;
    }
}

static bool meet_comparison(struct join *join, uint32_t step) {
    const struct literal *literal = &join->rule->body[join->plan->order[step]];
    uint32_t binds = join->plan->binds[step];
    value_t right = 0;
    if (binds == 2) { /* X = Y, and Y has no value yet */
        join->variable[literal->term[1].variable] = value_of(join, &literal->term[0]);
        return join_step(join, step + 1);
    }
    if (!right_side(join, literal, &right)) {
        return true;
    }
    if (binds == 1) {
        join->variable[literal->term[0].variable] = right;
        return join_step(join, step + 1);
    }
    bool met = compares(literal->comparison, value_compare(value_of(join, &literal->term[0]), right));
    return !met || join_step(join, step + 1);
}

static bool join_step(struct join *join, uint32_t step) {
    if (step == join->rule->conditions) {
        return join->found(join);
    }
    switch (join->rule->body[join->plan->order[step]].kind) {
    case LITERAL_ATOM:
        return meet_atom(join, step);
    case LITERAL_NOT:
        return meet_not(join, step);
    default:
        return meet_comparison(join, step);
    }
}

bool join_run(struct join *join) {
    return join_step(join, 0);
}
