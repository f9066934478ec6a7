/* From text to facts and rules. A rule is checked and planned as soon as it has been read. */
#include <skerry/string.h>

#include "skb/datalog/lex.h"

struct parser {
    struct datalog *base;
    struct lexer lexer;
    struct rule *rule; /* whose variables are being named */
    struct datalog_error *error;
};

static bool wrong(struct parser *parser, const char *wanted) {
    const struct token *token = &parser->lexer.token;
    if (token->kind == TOKEN_BAD) {
        return fail(parser->error, token->place, "%s", token->text);
    }
    if (token->kind == TOKEN_END) {
        return fail(parser->error, token->place, "expected %s, but the text ends", wanted);
    }
    int size = (int)MIN(token->size != 0 ? token->size : 1, (size_t)24);
    return fail(parser->error, token->place, "expected %s, not `%.*s`", wanted, size, token->text);
}

static bool full(struct parser *parser) {
    return fail_full(parser->error, parser->lexer.token.place);
}

/* The number of a variable of the rule; each _ is one of its own. */
static bool variable_number(struct parser *parser, uint32_t *number) {
    const struct token *token = &parser->lexer.token;
    struct rule *rule = parser->rule;
    const struct symbol *name = NULL;
    if (token->size != 1 || token->text[0] != '_') {
        name = symbol_make(parser->base, token->text, token->size);
        if (name == NULL) {
            return full(parser);
        }
        for (uint32_t i = 0; i < rule->variables; i++) {
            if (rule->variable_name[i] == name) {
                *number = i;
                return true;
            }
        }
    }
    if (rule->variables == DATALOG_VARIABLES) {
        return fail(parser->error, token->place, "more than %u variables in one rule", DATALOG_VARIABLES);
    }
    rule->variable_name[rule->variables] = name;
    *number = rule->variables++;
    return true;
}

static bool parse_term(struct parser *parser, struct term *term) {
    const struct token *token = &parser->lexer.token;
    if (token->kind == TOKEN_INTEGER) {
        *term = (struct term){.kind = TERM_VALUE, .value = value_integer(token->integer)};
    } else if (token->kind == TOKEN_NAME) {
        const struct symbol *symbol = symbol_make(parser->base, token->text, token->size);
        if (symbol == NULL) {
            return full(parser);
        }
        *term = (struct term){.kind = TERM_VALUE, .value = value_symbol(symbol)};
    } else if (token->kind == TOKEN_VARIABLE) {
        *term = (struct term){.kind = TERM_VARIABLE};
        if (!variable_number(parser, &term->variable)) {
            return false;
        }
    } else {
        return wrong(parser, "a name, a number or a variable");
    }
    lexer_next(&parser->lexer);
    return true;
}

static enum aggregate aggregate_named(const struct token *token) {
    static const char *const names[] = {[AGGREGATE_MIN] = "min", [AGGREGATE_MAX] = "max", [AGGREGATE_COUNT] = "count"};
    for (unsigned i = 1; i < ARRAY_SIZE(names); i++) {
        if (!token->quoted && token->size == strlen(names[i]) && memcmp(token->text, names[i], token->size) == 0) {
            return (enum aggregate)i;
        }
    }
    return AGGREGATE_NONE;
}

/* After the name of an aggregate there must be its variable, in parentheses. */
static bool parse_aggregate(struct parser *parser, enum aggregate aggregate, uint32_t column, struct term *term) {
    struct rule *rule = parser->rule;
    if (rule->aggregate != AGGREGATE_NONE) {
        return fail(parser->error, parser->lexer.token.place, "a second aggregate in one head");
    }
    rule->aggregate = aggregate;
    rule->aggregate_column = column;
    lexer_next(&parser->lexer);
    if (parser->lexer.token.kind != TOKEN_VARIABLE) {
        return wrong(parser, "the aggregate's variable");
    }
    return parse_term(parser, term) && (lexer_take(&parser->lexer, ')') || wrong(parser, "`)`"));
}

/* A column of a head: a term, or min(X), max(X), count(X). */
static bool parse_head_term(struct parser *parser, uint32_t column, struct term *term) {
    enum aggregate aggregate = AGGREGATE_NONE;
    if (parser->lexer.token.kind == TOKEN_NAME) {
        aggregate = aggregate_named(&parser->lexer.token);
    }
    if (!parse_term(parser, term)) {
        return false;
    }
    if (!lexer_sees(&parser->lexer, '(')) {
        return true;
    }
    return aggregate != AGGREGATE_NONE ? parse_aggregate(parser, aggregate, column, term) : wrong(parser, "`,` or `)`");
}

/* (term, term ...), or nothing. */
static bool parse_terms(struct parser *parser, bool head, struct term *term, uint32_t *count) {
    *count = 0;
    if (!lexer_take(&parser->lexer, '(')) {
        return true;
    }
    do {
        if (*count == DATALOG_ARITY) {
            return fail(parser->error, parser->lexer.token.place, "more than %u columns", DATALOG_ARITY);
        }
        if (!(head ? parse_head_term(parser, *count, &term[*count]) : parse_term(parser, &term[*count]))) {
            return false;
        }
        ++*count;
    } while (lexer_take(&parser->lexer, ','));
    return lexer_take(&parser->lexer, ')') || wrong(parser, "`,` or `)`");
}

/* `question`: the predicate must have been spoken of before. */
static bool parse_atom(struct parser *parser, bool head, bool question, struct predicate **predicate,
                       struct term *term) {
    struct token name = parser->lexer.token;
    uint32_t arity;
    if (name.kind != TOKEN_NAME || name.quoted) {
        return wrong(parser, "the name of a predicate");
    }
    lexer_next(&parser->lexer);
    if (!parse_terms(parser, head, term, &arity)) {
        return false;
    }
    const struct symbol *symbol = symbol_make(parser->base, name.text, name.size);
    if (symbol == NULL) {
        return full(parser);
    }
    *predicate = question ? predicate_find(parser->base, symbol, arity) : predicate_make(parser->base, symbol, arity);
    if (*predicate != NULL) {
        return true;
    }
    if (question) {
        return fail(parser->error, name.place, "no fact and no rule speaks of %.*s/%u", (int)MIN(name.size, 24ul),
                    name.text, arity);
    }
    return parser->base->predicate_count == DATALOG_PREDICATES
               ? fail(parser->error, name.place, "more than %u predicates", DATALOG_PREDICATES)
               : full(parser);
}

static bool take_comparison(struct parser *parser, enum comparison *comparison) {
    static const struct {
        unsigned sign;
        enum comparison comparison;
    } comparisons[] = {{'=', COMPARE_EQUAL},   {SIGN2('!', '='), COMPARE_DIFFERENT},
                       {'<', COMPARE_LESS},    {SIGN2('<', '='), COMPARE_LESS_EQUAL},
                       {'>', COMPARE_GREATER}, {SIGN2('>', '='), COMPARE_GREATER_EQUAL}};
    for (unsigned i = 0; i < ARRAY_SIZE(comparisons); i++) {
        if (lexer_take(&parser->lexer, comparisons[i].sign)) {
            *comparison = comparisons[i].comparison;
            return true;
        }
    }
    return wrong(parser, "a comparison");
}

/* After the left side: a comparison, a term, and perhaps + - * and another. `3 -2` reads as 3 minus 2. */
static bool parse_comparison(struct parser *parser, struct literal *literal) {
    static const struct {
        unsigned sign;
        enum arithmetic arithmetic;
    } signs[] = {{'+', ARITHMETIC_ADD}, {'-', ARITHMETIC_SUBTRACT}, {'*', ARITHMETIC_MULTIPLY}};
    literal->kind = LITERAL_COMPARE;
    literal->terms = 2;
    if (!take_comparison(parser, &literal->comparison) || !parse_term(parser, &literal->term[1])) {
        return false;
    }
    for (unsigned i = 0; i < ARRAY_SIZE(signs); i++) {
        if (lexer_take(&parser->lexer, signs[i].sign)) {
            literal->arithmetic = signs[i].arithmetic;
            literal->terms = 3;
            return parse_term(parser, &literal->term[2]);
        }
    }
    struct token token = parser->lexer.token;
    if (token.kind == TOKEN_INTEGER && token.integer < 0) {
        literal->arithmetic = ARITHMETIC_ADD;
        literal->terms = 3;
        return parse_term(parser, &literal->term[2]);
    }
    return true;
}

static bool is_word(const struct token *token, const char *word) {
    return token->kind == TOKEN_NAME && !token->quoted && token->size == strlen(word) &&
           memcmp(token->text, word, token->size) == 0;
}

/* True when a comparison follows the word: then that is its left side, no predicate. */
static bool compares_next(const struct parser *parser) {
    struct lexer ahead = parser->lexer;
    lexer_next(&ahead);
    return lexer_sees(&ahead, '=') || lexer_sees(&ahead, '<') || lexer_sees(&ahead, '>') ||
           (ahead.token.kind == TOKEN_SIGN && ahead.token.sign > 0xff && ahead.token.sign != SIGN2(':', '-'));
}

static bool parse_literal(struct parser *parser, bool question, struct literal *literal) {
    *literal = (struct literal){.place = parser->lexer.token.place};
    if (parser->lexer.token.kind != TOKEN_NAME || compares_next(parser)) {
        return parse_term(parser, &literal->term[0]) && parse_comparison(parser, literal);
    }
    if (is_word(&parser->lexer.token, "not")) {
        literal->kind = LITERAL_NOT;
        lexer_next(&parser->lexer);
    }
    bool fine = parse_atom(parser, false, question, &literal->predicate, literal->term);
    literal->terms = fine ? literal->predicate->arity : 0;
    return fine;
}

static bool parse_body(struct parser *parser, bool question, struct rule *rule) {
    struct literal body[DATALOG_BODY];
    do {
        if (rule->conditions == DATALOG_BODY) {
            return fail(parser->error, parser->lexer.token.place, "more than %u conditions in one rule", DATALOG_BODY);
        }
        if (!parse_literal(parser, question, &body[rule->conditions])) {
            return false;
        }
        rule->conditions++;
    } while (lexer_take(&parser->lexer, ','));
    rule->body = memory_low(parser->base, rule->conditions * sizeof(body[0]));
    if (rule->body == NULL) {
        return full(parser);
    }
    memcpy(rule->body, body, rule->conditions * sizeof(body[0]));
    return true;
}

static bool add_fact(struct parser *parser, const struct rule *read) {
    value_t value[DATALOG_ARITY];
    if (read->aggregate != AGGREGATE_NONE) {
        return fail(parser->error, read->place, "an aggregate in a fact");
    }
    for (uint32_t i = 0; i < read->head->arity; i++) {
        if (read->head_term[i].kind == TERM_VARIABLE) {
            return fail(parser->error, read->place, "a variable in a fact: names begin in lower case, or are 'quoted'");
        }
        value[i] = read->head_term[i].value;
    }
    return fact_add(parser->base, read->head, value) || full(parser);
}

static bool add_rule(struct parser *parser, const struct rule *read) {
    struct datalog *base = parser->base;
    struct rule *rule = memory_low(base, sizeof(*rule));
    if (rule == NULL) {
        return full(parser);
    }
    *rule = *read;
    rule->told_now = true;
    rule->next = rule->head->rules;
    if (!plan_rule(base, rule, parser->error)) {
        return false;
    }
    return (change_word(base, &rule->head->rules, (uint64_t)rule) &&
            change_word(base, &base->rule_count, base->rule_count + 1)) ||
           full(parser);
}

static bool parse_clause(struct parser *parser) {
    struct rule read = {.place = parser->lexer.token.place};
    parser->rule = &read;
    if (!parse_atom(parser, true, false, &read.head, read.head_term)) {
        return false;
    }
    bool is_rule = lexer_take(&parser->lexer, SIGN2(':', '-'));
    if (is_rule && !parse_body(parser, false, &read)) {
        return false;
    }
    if (!lexer_sees(&parser->lexer, '.')) {
        return wrong(parser, is_rule ? "`,` or `.`" : "`:-` or `.`");
    }
    bool fine = is_rule ? add_rule(parser, &read) : add_fact(parser, &read);
    lexer_next(&parser->lexer);
    return fine;
}

bool parse_text(struct datalog *base, const char *text, size_t size, struct datalog_error *error) {
    struct parser parser = {.base = base, .error = error};
    lexer_start(&parser.lexer, text, size);
    while (parser.lexer.token.kind != TOKEN_END) {
        if (!parse_clause(&parser)) {
            return false;
        }
    }
    return true;
}

bool parse_pattern(struct datalog *base, const char *text, size_t size, struct datalog_error *error,
                   bool (*found)(void *to, struct literal *pattern), void *to) {
    struct parser parser = {.base = base, .error = error};
    lexer_start(&parser.lexer, text, size);
    while (parser.lexer.token.kind != TOKEN_END) {
        struct rule read = {0};
        struct literal pattern = {.place = parser.lexer.token.place};
        parser.rule = &read;
        if (!parse_atom(&parser, false, true, &pattern.predicate, pattern.term)) {
            return false;
        }
        for (uint32_t i = 0; i < read.variables; i++) {
            if (read.variable_name[i] != NULL) {
                return fail(error, pattern.place, "a fact to take back has values and _ only");
            }
        }
        if (!lexer_take(&parser.lexer, '.')) {
            return wrong(&parser, "`.`");
        }
        if (!found(to, &pattern)) {
            return false;
        }
    }
    return true;
}

bool parse_question(struct datalog *base, const char *text, size_t size, struct rule *rule,
                    struct datalog_error *error) {
    struct parser parser = {.base = base, .rule = rule, .error = error};
    lexer_start(&parser.lexer, text, size);
    *rule = (struct rule){.place = parser.lexer.token.place};
    if (!parse_body(&parser, true, rule)) {
        return false;
    }
    if (!lexer_take(&parser.lexer, '?')) {
        (void)lexer_take(&parser.lexer, '.');
    }
    return parser.lexer.token.kind == TOKEN_END ? plan_rule(base, rule, error) : wrong(&parser, "`,` or the end");
}
