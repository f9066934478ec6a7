/* Works out what a question needs: its predicates and what they depend on, stratum by stratum, each to its least model.
   A recursion goes round by round; after the first, each way to meet a rule uses at least one row of the round before. */
#include <skerry/string.h>

#include "skb/datalog/internal.h"

struct derivation {
    struct join join;
    struct relation *into;
};

static value_t head_value(const struct join *join, uint32_t column) {
    const struct term *term = &join->rule->head_term[column];
    return term->kind == TERM_VALUE ? term->value : join->variable[term->variable];
}

static bool add_row(struct join *join) {
    struct derivation *derivation = (struct derivation *)join;
    value_t row[DATALOG_ARITY];
    for (uint32_t i = 0; i < join->rule->head->arity; i++) {
        row[i] = head_value(join, i);
    }
    return relation_add(join->base, derivation->into, row) >= 0;
}

static bool derive(struct datalog *base, const struct rule *rule, const struct plan *plan, struct relation *into) {
    struct derivation derivation = {.join = {.base = base, .rule = rule, .plan = plan, .found = add_row}, .into = into};
    return join_run(&derivation.join);
}

static value_t combine(enum aggregate aggregate, value_t so_far, value_t value) {
    if (aggregate == AGGREGATE_COUNT) {
        return value_integer(integer_of(so_far) + 1);
    }
    bool less = value_compare(value, so_far) < 0;
    return less == (aggregate == AGGREGATE_MIN) ? value : so_far;
}

/* The row of the group that this one belongs to. -1: none yet; -2: full. */
static int64_t group_of(struct datalog *base, struct relation *groups, const struct rule *rule, const value_t *row) {
    struct relation_walk walk = {.rows = {0, relation_count(groups)}};
    uint64_t found;
    walk.mask = ((1u << rule->head->arity) - 1) & ~(1u << rule->aggregate_column);
    memcpy(walk.value, row, rule->head->arity * sizeof(*row));
    if (!relation_walk(base, groups, &walk)) {
        return -2;
    }
    return relation_next(&walk, &found) ? (int64_t)found : -1;
}

/* `groups` is looked up by its other columns only: the aggregate's may change. */
static bool fold(struct datalog *base, const struct rule *rule, const struct relation *all, struct relation *groups) {
    uint32_t column = rule->aggregate_column;
    for (uint64_t i = 0; i < relation_count(all); i++) {
        value_t row[DATALOG_ARITY];
        memcpy(row, relation_row(all, i), rule->head->arity * sizeof(*row));
        int64_t group = group_of(base, groups, rule, row);
        if (group == -2) {
            return false;
        }
        if (group >= 0) {
            value_t so_far = relation_row(groups, (uint64_t)group)[column];
            relation_set(groups, (uint64_t)group, column, combine(rule->aggregate, so_far, row[column]));
            continue;
        }
        row[column] = rule->aggregate == AGGREGATE_COUNT ? value_integer(1) : row[column];
        if (relation_add(base, groups, row) < 0) {
            return false;
        }
    }
    return true;
}

static bool derive_aggregate(struct datalog *base, const struct rule *rule) {
    uint32_t arity = rule->head->arity;
    struct relation *all = relation_make(base, arity), *groups = relation_make(base, arity);
    if (all == NULL || groups == NULL || !derive(base, rule, rule->plans, all) || !fold(base, rule, all, groups)) {
        return false;
    }
    for (uint64_t i = 0; i < relation_count(groups); i++) {
        value_t row[DATALOG_ARITY];
        memcpy(row, relation_row(groups, i), arity * sizeof(*row));
        if (relation_add(base, rule->head->relation, row) < 0) {
            return false;
        }
    }
    return true;
}

static bool take_facts(struct datalog *base, struct predicate *predicate) {
    predicate->relation = relation_make(base, predicate->arity);
    if (predicate->relation == NULL) {
        return false;
    }
    for (const struct fact *fact = predicate->facts; fact != NULL; fact = fact->next) {
        if (relation_add(base, predicate->relation, fact->value) < 0) {
            return false;
        }
    }
    return true;
}

static bool is_open(const struct predicate *predicate, uint32_t stratum) {
    return predicate->stratum == stratum && predicate->needed && !predicate->complete;
}

/* The rows that the last round made are the new ones of the next. True if there are any. */
static bool next_round(struct datalog *base, uint32_t stratum) {
    bool any = false;
    for (struct predicate *predicate = base->predicates; predicate != NULL; predicate = predicate->next) {
        if (is_open(predicate, stratum)) {
            predicate->old = predicate->now;
            predicate->now = relation_count(predicate->relation);
            any |= predicate->now > predicate->old;
        }
    }
    return any;
}

static bool first_round(struct datalog *base, uint32_t stratum) {
    for (struct predicate *predicate = base->predicates; predicate != NULL; predicate = predicate->next) {
        for (const struct rule *rule = is_open(predicate, stratum) ? predicate->rules : NULL; rule != NULL;
             rule = rule->next) {
            bool fine = rule->aggregate != AGGREGATE_NONE ? derive_aggregate(base, rule)
                                                          : derive(base, rule, rule->plans, predicate->relation);
            if (!fine) {
                return false;
            }
        }
    }
    return true;
}

static bool later_round(struct datalog *base, uint32_t stratum) {
    for (struct predicate *predicate = base->predicates; predicate != NULL; predicate = predicate->next) {
        for (const struct rule *rule = is_open(predicate, stratum) ? predicate->rules : NULL; rule != NULL;
             rule = rule->next) {
            for (const struct plan *plan = rule->plans->next; plan != NULL; plan = plan->next) {
                if (!derive(base, rule, plan, predicate->relation)) {
                    return false;
                }
            }
        }
    }
    return true;
}

static bool complete_stratum(struct datalog *base, uint32_t stratum) {
    for (struct predicate *predicate = base->predicates; predicate != NULL; predicate = predicate->next) {
        if (!is_open(predicate, stratum)) {
            continue;
        }
        if (!take_facts(base, predicate)) {
            return false;
        }
        predicate->old = 0;
        predicate->now = relation_count(predicate->relation);
    }
    if (!first_round(base, stratum)) {
        return false;
    }
    while (next_round(base, stratum)) {
        if (!later_round(base, stratum)) {
            return false;
        }
    }
    for (struct predicate *predicate = base->predicates; predicate != NULL; predicate = predicate->next) {
        predicate->complete |= is_open(predicate, stratum);
    }
    return true;
}

static bool need_body(const struct rule *rule) {
    bool more = false;
    for (uint32_t i = 0; i < rule->conditions; i++) {
        struct predicate *predicate = rule->body[i].predicate;
        if (predicate != NULL && !predicate->needed) {
            predicate->needed = more = true;
        }
    }
    return more;
}

static void need(struct datalog *base, const struct rule *question) {
    for (struct predicate *predicate = base->predicates; predicate != NULL; predicate = predicate->next) {
        predicate->needed = false;
    }
    for (bool more = need_body(question); more;) {
        more = false;
        for (struct predicate *predicate = base->predicates; predicate != NULL; predicate = predicate->next) {
            for (const struct rule *rule = predicate->needed ? predicate->rules : NULL; rule != NULL;
                 rule = rule->next) {
                more |= need_body(rule);
            }
        }
    }
}

bool evaluate_for(struct datalog *base, const struct rule *question) {
    need(base, question);
    for (uint32_t stratum = 1; stratum <= base->strata; stratum++) {
        if (!complete_stratum(base, stratum)) {
            derived_forget(base);
            return false;
        }
    }
    return true;
}
