/* Words of the language: where each begins, and what it is. */
#ifndef DATALOG_LEX_H
#define DATALOG_LEX_H

#include "skb/datalog/internal.h"

enum token_kind {
    TOKEN_END,
    TOKEN_NAME,     /* lower case, or quoted */
    TOKEN_VARIABLE, /* upper case or _ */
    TOKEN_INTEGER,
    TOKEN_SIGN, /* one of the signs below, in `sign` */
    TOKEN_BAD   /* `text` says what is wrong */
};

/* Signs of two characters have both in `sign`, the first in the low byte. */
#define SIGN2(a, b) ((unsigned)(a) | (unsigned)(b) << 8)

struct token {
    enum token_kind kind;
    const char *text;
    size_t size;
    int64_t integer;
    unsigned sign;
    bool quoted;
    struct place place;
};

struct lexer {
    const char *at, *end;
    struct place place;
    struct token token; /* the one being looked at */
};

void lexer_start(struct lexer *lexer, const char *text, size_t size);
void lexer_next(struct lexer *lexer);

static inline bool lexer_sees(const struct lexer *lexer, unsigned sign) {
    return lexer->token.kind == TOKEN_SIGN && lexer->token.sign == sign;
}

/* Takes the sign if it is there. */
static inline bool lexer_take(struct lexer *lexer, unsigned sign) {
    bool there = lexer_sees(lexer, sign);
    if (there) {
        lexer_next(lexer);
    }
    return there;
}

#endif
