/* Datalog: facts, and rules over them, from which answers follow.
   A knowledge base lives in one piece of memory that its owner gives. What is told to it, facts and rules, grows from the
   low end; what follows from that is worked out when somebody asks, grows from the high end, and is thrown away by the
   next change. Pure: no allocation, no input or output.

   The language, by example:
     socket(3, 0).                                  a fact; integers, names in lower case, 'quoted text'
     peer(A, B) :- socket(A, S), socket(B, S).      a rule; variables in upper case, _ for one that does not matter
     first(S, min(C)) :- socket(C, S).              min, max, count of a variable, by the other columns; count of different ones
     lone(C) :- core(C), not peer(C, _).            negation as failure
     far(A, B) :- distance(A, B, D), D > 20.        < <= > >= = !=, and X = Y + 1 with + - *
   Answers are those of the least model of each stratum: negation and aggregates must not be part of a recursion.
   Evaluation always ends: a recursion can make no new values, for arithmetic is refused in it. */
#ifndef DATALOG_H
#define DATALOG_H

#include <skerry/base.h>

#define DATALOG_ARITY 8      /* columns of a predicate */
#define DATALOG_VARIABLES 16 /* of a rule */
#define DATALOG_BODY 16      /* conditions of a rule */
#define DATALOG_PREDICATES 256
#define DATALOG_MEMORY_MIN 65536

struct datalog;

/* What is wrong with a text, and where in it: line and column count from 1. */
struct datalog_error {
    uint32_t line, column;
    char text[120];
};

struct datalog_usage {
    uint64_t predicates, facts, rules;
    uint64_t told_bytes, derived_bytes, size;
};

/* One answer: the values of the query's named variables in the order of their appearance, as the language writes them. */
struct datalog_reader {
    void (*row)(struct datalog_reader *reader, unsigned columns, const char *const names[], const char *const values[]);
};

/* NULL: less than DATALOG_MEMORY_MIN. */
[[nodiscard]] struct datalog *datalog_make(void *memory, size_t size);

/* Adds facts and rules: all of them, or on an error none. What was told before is not told twice. */
[[nodiscard]] bool datalog_tell(struct datalog *base, const char *text, size_t size, struct datalog_error *error);

/* Whether it would be told; nothing changes. */
[[nodiscard]] bool datalog_would_tell(struct datalog *base, const char *text, size_t size, struct datalog_error *error);

/* Takes back facts; _ stands for any value. `taken` counts them. On an error none is taken back. */
[[nodiscard]] bool datalog_retract(struct datalog *base, const char *text, size_t size, uint64_t *taken,
                                   struct datalog_error *error);

/* Whether it would be read, whatever it takes back; nothing changes. */
[[nodiscard]] bool datalog_would_retract(struct datalog *base, const char *text, size_t size,
                                         struct datalog_error *error);

/* A list of conditions as in a rule's body, with or without a final ? or full stop. Answers come sorted, each once. */
[[nodiscard]] bool datalog_ask(struct datalog *base, const char *text, size_t size, struct datalog_reader *reader,
                               struct datalog_error *error);

/* Writes each fact as a line of text; false where `write` says that there is no room. */
bool datalog_facts(const struct datalog *base, bool (*write)(void *to, const char *line), void *to);

void datalog_usage(const struct datalog *base, struct datalog_usage *usage);

#endif
