/* One word at a time; % begins a comment that goes to the end of the line. */
#include "skb/datalog/lex.h"

#include <skerry/string.h>

#define INTEGER_LIMIT (1ul << 62) /* values have 63 bits */

static bool is_lower(char c) {
    return c >= 'a' && c <= 'z';
}

static bool is_upper(char c) {
    return (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static void step(struct lexer *lexer) {
    if (*lexer->at++ == '\n') {
        lexer->place.line++;
        lexer->place.column = 1;
    } else {
        lexer->place.column++;
    }
}

static void skip(struct lexer *lexer) {
    bool comment = false;
    while (lexer->at < lexer->end) {
        char c = *lexer->at;
        comment = c == '%' || (comment && c != '\n');
        if (!comment && c != ' ' && c != '\t' && c != '\r' && c != '\n') {
            return;
        }
        step(lexer);
    }
}

static void take_word(struct lexer *lexer) {
    struct token *token = &lexer->token;
    while (lexer->at < lexer->end && (is_lower(*lexer->at) || is_upper(*lexer->at) || is_digit(*lexer->at))) {
        step(lexer);
    }
    token->size = (size_t)(lexer->at - token->text);
}

static void bad(struct token *token, const char *why) {
    token->kind = TOKEN_BAD;
    token->text = why;
}

/* 'text' or "text" on one line, without escapes. */
static void take_quoted(struct lexer *lexer) {
    struct token *token = &lexer->token;
    char quote = *lexer->at;
    step(lexer);
    token->text = lexer->at;
    while (lexer->at < lexer->end && *lexer->at != quote && *lexer->at != '\n') {
        if (*lexer->at == '\'' || (unsigned char)*lexer->at < ' ') {
            return bad(token, "a quoted text may not hold a quote or a control character");
        }
        step(lexer);
    }
    token->size = (size_t)(lexer->at - token->text);
    if (lexer->at == lexer->end || *lexer->at != quote) {
        return bad(token, "the quoted text does not end on its line");
    }
    if (token->size > TEXT_SIZE - 4) {
        return bad(token, "the quoted text is longer than 256 bytes");
    }
    step(lexer);
    token->quoted = true;
}

static void take_integer(struct lexer *lexer) {
    struct token *token = &lexer->token;
    bool minus = *lexer->at == '-';
    if (minus) {
        step(lexer);
    }
    uint64_t value = 0;
    for (; lexer->at < lexer->end && is_digit(*lexer->at); step(lexer)) {
        value = value * 10 + (uint64_t)(*lexer->at - '0');
        if (value >= INTEGER_LIMIT) {
            return bad(token, "the number is too large: 62 bits are allowed");
        }
    }
    token->integer = minus ? -(int64_t)value : (int64_t)value;
}

static bool next_is(const struct lexer *lexer, char c) {
    return lexer->at + 1 < lexer->end && lexer->at[1] == c;
}

static bool begins_negative(const struct lexer *lexer) {
    return *lexer->at == '-' && lexer->at + 1 < lexer->end && is_digit(lexer->at[1]);
}

static void take_sign(struct lexer *lexer) {
    static const char pairs[][2] = {{':', '-'}, {'<', '='}, {'>', '='}, {'!', '='}};
    struct token *token = &lexer->token;
    for (unsigned i = 0; i < ARRAY_SIZE(pairs); i++) {
        if (*lexer->at == pairs[i][0] && next_is(lexer, pairs[i][1])) {
            token->sign = SIGN2(pairs[i][0], pairs[i][1]);
            step(lexer);
            return step(lexer);
        }
    }
    if (*lexer->at == '\0' || strchr("(),.?<>=+-*", *lexer->at) == NULL) {
        return bad(token, "a character that has no meaning here");
    }
    token->sign = (unsigned char)*lexer->at;
    step(lexer);
}

void lexer_next(struct lexer *lexer) {
    skip(lexer);
    struct token *token = &lexer->token;
    *token = (struct token){.text = lexer->at, .place = lexer->place};
    if (lexer->at == lexer->end) {
        return;
    }
    char c = *lexer->at;
    if (is_lower(c) || is_upper(c)) {
        token->kind = is_lower(c) ? TOKEN_NAME : TOKEN_VARIABLE;
        take_word(lexer);
    } else if (c == '\'' || c == '"') {
        token->kind = TOKEN_NAME;
        take_quoted(lexer);
    } else if (is_digit(c) || begins_negative(lexer)) {
        token->kind = TOKEN_INTEGER;
        take_integer(lexer);
    } else {
        token->kind = TOKEN_SIGN;
        take_sign(lexer);
    }
}

void lexer_start(struct lexer *lexer, const char *text, size_t size) {
    *lexer = (struct lexer){.at = text, .end = text + size, .place = {1, 1}};
    lexer_next(lexer);
}
