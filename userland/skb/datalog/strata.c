/* Which predicates depend on each other (Tarjan's strongly connected components). They get the same number; what they
   depend on besides has lower ones. A negation, an aggregate or arithmetic within a number is refused. */
#include "skb/datalog/internal.h"

struct search {
    uint32_t visits, strata, depth;
    struct predicate *stack[DATALOG_PREDICATES];
};

static void visit(struct search *search, struct predicate *predicate);

static void visit_below(struct search *search, struct predicate *predicate, struct predicate *below) {
    if (below->visit == 0) {
        visit(search, below);
        predicate->low = MIN(predicate->low, below->low);
    } else if (below->on_stack) {
        predicate->low = MIN(predicate->low, below->visit);
    }
}

static void visit(struct search *search, struct predicate *predicate) {
    predicate->visit = predicate->low = ++search->visits;
    search->stack[search->depth++] = predicate;
    predicate->on_stack = true;
    for (const struct rule *rule = predicate->rules; rule != NULL; rule = rule->next) {
        for (uint32_t i = 0; i < rule->conditions; i++) {
            if (rule->body[i].predicate != NULL) {
                visit_below(search, predicate, rule->body[i].predicate);
            }
        }
    }
    if (predicate->low != predicate->visit) {
        return;
    }
    search->strata++;
    struct predicate *member;
    do {
        member = search->stack[--search->depth];
        member->on_stack = false;
        member->stratum = search->strata;
    } while (member != predicate);
}

static void number_all(struct datalog *base) {
    struct search search = {0};
    for (struct predicate *predicate = base->predicates; predicate != NULL; predicate = predicate->next) {
        predicate->visit = 0;
    }
    for (struct predicate *predicate = base->predicates; predicate != NULL; predicate = predicate->next) {
        if (predicate->visit == 0) {
            visit(&search, predicate);
        }
    }
    base->strata = search.strata;
}

static bool refuse(const struct rule *rule, const struct literal *literal, const char *what,
                   struct datalog_error *error) {
    const struct predicate *head = rule->head;
    return fail(error, literal->place, "%s within the recursion of %.24s/%u%s", what, head->name->text, head->arity,
                rule->told_now ? "" : ", which this text closes");
}

/* A condition of a rule that depends on the rule's own head. */
static bool check_recursive(const struct rule *rule, const struct literal *literal, struct datalog_error *error) {
    if (literal->kind == LITERAL_NOT) {
        return refuse(rule, literal, "a negation", error);
    }
    if (rule->aggregate != AGGREGATE_NONE) {
        return refuse(rule, literal, "an aggregate", error);
    }
    for (uint32_t i = 0; i < rule->conditions; i++) {
        if (rule->body[i].arithmetic != ARITHMETIC_NONE) {
            return refuse(rule, &rule->body[i], "arithmetic, which could go on for ever,", error);
        }
    }
    return true;
}

static bool check_rule(struct rule *rule, struct datalog_error *error) {
    for (uint32_t i = 0; i < rule->conditions; i++) {
        const struct literal *literal = &rule->body[i];
        bool recursive = literal->predicate != NULL && literal->predicate->stratum == rule->head->stratum;
        if (recursive && !check_recursive(rule, literal, error)) {
            return false;
        }
    }
    return true;
}

bool strata_make(struct datalog *base, struct datalog_error *error) {
    number_all(base);
    for (struct predicate *predicate = base->predicates; predicate != NULL; predicate = predicate->next) {
        for (struct rule *rule = predicate->rules; rule != NULL; rule = rule->next) {
            if (!check_rule(rule, error)) {
                return false;
            }
            if (!plan_deltas(base, rule)) {
                return fail_full(error, rule->place);
            }
            rule->told_now = false;
        }
    }
    return true;
}
