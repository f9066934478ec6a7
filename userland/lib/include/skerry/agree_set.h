/* Sets of cores, as bits. */
#ifndef SKERRY_AGREE_SET_H
#define SKERRY_AGREE_SET_H

#include <skerry/base.h>

#ifndef AGREE_CORES
#define AGREE_CORES 256 /* xAPIC has no more; models of larger machines are compiled with more */
#endif
#define AGREE_SET_WORDS ((AGREE_CORES + 63) / 64)
#define AGREE_NOBODY AGREE_CORES

struct agree_set {
    uint64_t word[AGREE_SET_WORDS];
};

static inline bool agree_has(const struct agree_set *set, unsigned core) {
    return set->word[core / 64] >> core % 64 & 1;
}

static inline void agree_add(struct agree_set *set, unsigned core) {
    set->word[core / 64] |= 1UL << core % 64;
}

static inline void agree_remove(struct agree_set *set, unsigned core) {
    set->word[core / 64] &= ~(1UL << core % 64);
}

static inline bool agree_empty(const struct agree_set *set) {
    uint64_t any = 0;
    for (unsigned i = 0; i < AGREE_SET_WORDS; i++) {
        any |= set->word[i];
    }
    return any == 0;
}

static inline bool agree_same(const struct agree_set *a, const struct agree_set *b) {
    uint64_t differs = 0;
    for (unsigned i = 0; i < AGREE_SET_WORDS; i++) {
        differs |= a->word[i] ^ b->word[i];
    }
    return differs == 0;
}

static inline struct agree_set agree_both(const struct agree_set *a, const struct agree_set *b) {
    struct agree_set both;
    for (unsigned i = 0; i < AGREE_SET_WORDS; i++) {
        both.word[i] = a->word[i] & b->word[i];
    }
    return both;
}

static inline struct agree_set agree_either(const struct agree_set *a, const struct agree_set *b) {
    struct agree_set either;
    for (unsigned i = 0; i < AGREE_SET_WORDS; i++) {
        either.word[i] = a->word[i] | b->word[i];
    }
    return either;
}

/* Those of `a` that are not in `b`. */
static inline struct agree_set agree_without(const struct agree_set *a, const struct agree_set *b) {
    struct agree_set rest;
    for (unsigned i = 0; i < AGREE_SET_WORDS; i++) {
        rest.word[i] = a->word[i] & ~b->word[i];
    }
    return rest;
}

/* The first core of the set that is `from` or higher; AGREE_NOBODY when there is none. */
static inline unsigned agree_next(const struct agree_set *set, unsigned from) {
    for (unsigned i = from / 64; i < AGREE_SET_WORDS; i++) {
        uint64_t word = set->word[i] & (i == from / 64 ? ~0UL << from % 64 : ~0UL);
        if (word != 0) {
            return i * 64 + (unsigned)__builtin_ctzl(word);
        }
    }
    return AGREE_NOBODY;
}

static inline unsigned agree_lowest(const struct agree_set *set) {
    return agree_next(set, 0);
}

#define AGREE_FOR_EACH(core, set)                                                                                      \
    for (unsigned core = agree_lowest(set); core < AGREE_NOBODY; core = agree_next(set, core + 1))

#endif
