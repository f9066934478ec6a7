/* Predicates, and the facts that were told of them. */
#include <skerry/string.h>

#include "skb/datalog/internal.h"

struct predicate *predicate_find(const struct datalog *base, const struct symbol *name, uint32_t arity) {
    struct predicate *predicate = base->predicates;
    while (predicate != NULL && (predicate->name != name || predicate->arity != arity)) {
        predicate = predicate->next;
    }
    return predicate;
}

struct predicate *predicate_make(struct datalog *base, const struct symbol *name, uint32_t arity) {
    struct predicate *predicate = predicate_find(base, name, arity);
    if (predicate != NULL || base->predicate_count == DATALOG_PREDICATES) {
        return predicate;
    }
    predicate = memory_low(base, sizeof(*predicate));
    if (predicate == NULL) {
        return NULL;
    }
    predicate->name = name;
    predicate->arity = arity;
    predicate->next = base->predicates;
    bool changed = change_word(base, &base->predicates, (uint64_t)predicate) &&
                   change_word(base, &base->predicate_count, base->predicate_count + 1);
    return changed ? predicate : NULL;
}

static struct fact **bucket_of(struct datalog *base, const struct predicate *predicate, const value_t *value) {
    uint64_t hash = (uint64_t)predicate;
    for (uint32_t i = 0; i < predicate->arity; i++) {
        hash = (hash ^ value[i]) * 0x9e3779b97f4a7c15u;
        hash ^= hash >> 29;
    }
    return &base->fact_buckets[hash % FACT_BUCKETS];
}

static bool is_known(struct fact *const *bucket, const struct predicate *predicate, const value_t *value) {
    for (const struct fact *fact = *bucket; fact != NULL; fact = fact->bucket_next) {
        if (fact->predicate == predicate && memcmp(fact->value, value, predicate->arity * sizeof(*value)) == 0) {
            return true;
        }
    }
    return false;
}

/* One that was taken back has left its memory. */
static struct fact *fact_memory(struct datalog *base, uint32_t arity) {
    struct fact *fact = base->free_facts[arity];
    if (fact == NULL) {
        return memory_low(base, sizeof(*fact) + arity * sizeof(value_t));
    }
    return change_word(base, &base->free_facts[arity], (uint64_t)fact->next) ? fact : NULL;
}

/* A free fact's own words need no undoing: it is free again then, and nobody reads more of it than `next`. */
static bool fact_link(struct datalog *base, struct predicate *predicate, struct fact *fact, struct fact **bucket) {
    fact->bucket_next = *bucket;
    void *last = predicate->facts_last != NULL ? &predicate->facts_last->next : &predicate->facts;
    return change_word(base, &fact->next, 0) && change_word(base, bucket, (uint64_t)fact) &&
           change_word(base, last, (uint64_t)fact) && change_word(base, &predicate->facts_last, (uint64_t)fact) &&
           change_word(base, &predicate->fact_count, predicate->fact_count + 1) &&
           change_word(base, &base->fact_count, base->fact_count + 1);
}

bool fact_add(struct datalog *base, struct predicate *predicate, const value_t *value) {
    struct fact **bucket = bucket_of(base, predicate, value);
    if (is_known(bucket, predicate, value)) {
        return true;
    }
    struct fact *fact = fact_memory(base, predicate->arity);
    if (fact == NULL) {
        return false;
    }
    fact->predicate = predicate;
    memcpy(fact->value, value, predicate->arity * sizeof(*value));
    return fact_link(base, predicate, fact, bucket);
}

static bool matches(const struct fact *fact, const struct term *term) {
    for (uint32_t i = 0; i < fact->predicate->arity; i++) {
        if (term[i].kind == TERM_VALUE && term[i].value != fact->value[i]) {
            return false;
        }
    }
    return true;
}

static void bucket_remove(struct datalog *base, struct fact *fact) {
    struct fact **at = bucket_of(base, fact->predicate, fact->value);
    while (*at != fact) {
        at = &(*at)->bucket_next;
    }
    *at = fact->bucket_next;
}

uint64_t facts_take(struct datalog *base, struct predicate *predicate, const struct term *term) {
    uint64_t taken = 0;
    struct fact *before = NULL;
    for (struct fact *fact = predicate->facts, *next; fact != NULL; fact = next) {
        next = fact->next;
        if (!matches(fact, term)) {
            before = fact;
            continue;
        }
        *(before != NULL ? &before->next : &predicate->facts) = next;
        bucket_remove(base, fact);
        fact->next = base->free_facts[predicate->arity];
        base->free_facts[predicate->arity] = fact;
        taken++;
    }
    predicate->facts_last = before;
    predicate->fact_count -= taken;
    base->fact_count -= taken;
    return taken;
}
