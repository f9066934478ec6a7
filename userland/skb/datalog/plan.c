/* In which order a rule's conditions are met: comparisons and negations as soon as their variables have values, and of
   the others the one of which most is known. A rule that no order suits is refused. */
#include "skb/datalog/internal.h"

static bool is_known(uint32_t variables, const struct term *term) {
    return term->kind == TERM_VALUE || (variables >> term->variable & 1) != 0;
}

static uint32_t known_columns(const struct literal *literal, uint32_t variables) {
    uint32_t known = 0;
    for (uint32_t i = 0; i < literal->terms; i++) {
        known |= (uint32_t)is_known(variables, &literal->term[i]) << i;
    }
    return known;
}

static bool is_anonymous(const struct rule *rule, const struct term *term) {
    return term->kind == TERM_VARIABLE && rule->variable_name[term->variable] == NULL;
}

/* A negation needs values for all its columns but the _. A comparison gives a value to one side, or needs both. */
static bool can_meet(const struct rule *rule, const struct literal *literal, uint32_t variables) {
    uint32_t all = (1u << literal->terms) - 1, known = known_columns(literal, variables);
    if (literal->kind == LITERAL_ATOM) {
        return true;
    }
    if (literal->kind == LITERAL_NOT) {
        for (uint32_t i = 0; i < literal->terms; i++) {
            known |= (uint32_t)is_anonymous(rule, &literal->term[i]) << i;
        }
        return known == all;
    }
    bool gives =
        literal->comparison == COMPARE_EQUAL && ((known | 1) == all || (literal->terms == 2 && (known | 2) == all));
    return known == all || gives;
}

/* Columns that are the first to show their variable. */
static uint32_t binding_columns(const struct literal *literal, uint32_t variables) {
    uint32_t binds = 0, seen = variables;
    for (uint32_t i = 0; i < literal->terms && literal->kind != LITERAL_NOT; i++) {
        if (!is_known(seen, &literal->term[i])) {
            binds |= 1u << i;
            seen |= 1u << literal->term[i].variable;
        }
    }
    return binds;
}

/* Without the compiler's help: some compilers call a library for it. */
static int count_bits(uint32_t bits) {
    int count = 0;
    for (; bits != 0; bits &= bits - 1) {
        count++;
    }
    return count;
}

static int next_condition(const struct rule *rule, uint32_t met, uint32_t variables) {
    int best = -1, best_known = -1;
    for (uint32_t i = 0; i < rule->conditions; i++) {
        const struct literal *literal = &rule->body[i];
        if ((met >> i & 1) != 0 || !can_meet(rule, literal, variables)) {
            continue;
        }
        if (literal->kind != LITERAL_ATOM) {
            return (int)i;
        }
        int known = count_bits(known_columns(literal, variables));
        if (known > best_known) {
            best = (int)i;
            best_known = known;
        }
    }
    return best;
}

/* Returns the variables that have values in the end; `met` gets the conditions that could be met. */
static uint32_t order(const struct rule *rule, struct plan *plan, uint32_t *met) {
    uint32_t variables = 0;
    *met = 0;
    for (uint32_t step = 0; step < rule->conditions; step++) {
        int next = step == 0 && plan->delta >= 0 ? plan->delta : next_condition(rule, *met, variables);
        if (next < 0) {
            break;
        }
        const struct literal *literal = &rule->body[next];
        plan->order[step] = (uint8_t)next;
        plan->known[step] = (uint8_t)known_columns(literal, variables);
        plan->binds[step] = (uint8_t)binding_columns(literal, variables);
        *met |= 1u << next;
        for (uint32_t i = 0; i < literal->terms; i++) {
            variables |= (plan->binds[step] >> i & 1u) << literal->term[i].variable;
        }
    }
    return variables;
}

static bool no_value(const struct rule *rule, uint32_t variable, struct place place, struct datalog_error *error) {
    const struct symbol *name = rule->variable_name[variable];
    return fail(error, place, "no condition gives %.24s a value", name != NULL ? name->text : "_");
}

static bool check(const struct rule *rule, uint32_t met, uint32_t variables, struct datalog_error *error) {
    for (uint32_t i = 0; i < rule->conditions; i++) {
        const struct literal *literal = &rule->body[i];
        for (uint32_t t = 0; (met >> i & 1) == 0 && t < literal->terms; t++) {
            if (!is_known(variables, &literal->term[t])) {
                return no_value(rule, literal->term[t].variable, literal->place, error);
            }
        }
    }
    for (uint32_t i = 0; rule->head != NULL && i < rule->head->arity; i++) {
        if (!is_known(variables, &rule->head_term[i])) {
            return no_value(rule, rule->head_term[i].variable, rule->place, error);
        }
    }
    return true;
}

static struct plan *plan_make(struct datalog *base, int delta) {
    struct plan *plan = memory_low(base, sizeof(*plan));
    if (plan != NULL) {
        plan->delta = delta;
    }
    return plan;
}

bool plan_rule(struct datalog *base, struct rule *rule, struct datalog_error *error) {
    uint32_t met;
    rule->plans = plan_make(base, -1);
    if (rule->plans == NULL) {
        return fail_full(error, rule->place);
    }
    uint32_t variables = order(rule, rule->plans, &met);
    return check(rule, met, variables, error);
}

static bool recurs(const struct rule *rule, uint32_t condition) {
    const struct literal *literal = &rule->body[condition];
    return literal->kind == LITERAL_ATOM && literal->predicate->stratum == rule->head->stratum;
}

/* True when the rule has just the plans that it needs. */
static bool has_deltas(const struct rule *rule) {
    const struct plan *plan = rule->plans->next;
    for (uint32_t i = 0; i < rule->conditions; i++) {
        if (!recurs(rule, i)) {
            continue;
        }
        if (plan == NULL || plan->delta != (int)i) {
            return false;
        }
        plan = plan->next;
    }
    return plan == NULL;
}

/* One plan for each condition that is in the recursion; later rules may make one of it. */
bool plan_deltas(struct datalog *base, struct rule *rule) {
    uint32_t met;
    struct plan *first = NULL;
    for (uint32_t i = rule->conditions; !has_deltas(rule) && i-- > 0;) {
        struct plan *plan = recurs(rule, i) ? plan_make(base, (int)i) : NULL;
        if (plan == NULL && recurs(rule, i)) {
            return false;
        }
        if (plan != NULL) {
            (void)order(rule, plan, &met);
            plan->next = first;
            first = plan;
        }
    }
    return has_deltas(rule) || change_word(base, &rule->plans->next, (uint64_t)first);
}
