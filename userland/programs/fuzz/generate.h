/* Invocations from a seed. Whatever is changed here is changed in tools/skerry/fuzz/generate.py too. */
#ifndef FUZZ_GENERATE_H
#define FUZZ_GENERATE_H

#include <skerry/base.h>

#define ARENA_ROOT 56u   /* first of the root slots that are played with */
#define ARENA_ROOTS 8u   /* of them */
#define ARENA_CNODES 4u  /* so many hold a CNode at the start */
#define ARENA_SLOTS 24u  /* of each CNode that are mostly used */
#define ARENA_PIECES 8u  /* of RAM, in the first slots of the first CNode */
#define ARENA_PAGES 8u   /* of each */
#define ARENA_STEPS 400u /* until it is all made anew */

struct generated {
    capaddr_t cap;
    uint64_t operation;
    uint64_t word[INVOKE_ARGS];
};

void generate_seed(uint64_t seed);

/* The arena has been made anew. */
void generate_reset(void);
void generate_next(struct generated *out);

/* What came of the last one: later ones are chosen by it. */
void generate_learn(const struct generated *invocation, err_t err);

#endif
