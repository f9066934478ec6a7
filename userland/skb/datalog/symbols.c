/* Names and texts, each kept once; and how values are compared and written. */
#include <skerry/print.h>
#include <skerry/string.h>

#include "skb/datalog/internal.h"

static uint32_t hash_of(const char *text, size_t size) {
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < size; i++) {
        hash = (hash ^ (uint8_t)text[i]) * 16777619u;
    }
    return hash;
}

const struct symbol *symbol_make(struct datalog *base, const char *text, size_t size) {
    struct symbol **bucket = &base->symbols[hash_of(text, size) % SYMBOL_BUCKETS];
    for (const struct symbol *symbol = *bucket; symbol != NULL; symbol = symbol->next) {
        if (symbol->size == size && memcmp(symbol->text, text, size) == 0) {
            return symbol;
        }
    }
    struct symbol *symbol = memory_low(base, sizeof(*symbol) + size + 1);
    if (symbol == NULL) {
        return NULL;
    }
    symbol->size = (uint32_t)size;
    memcpy(symbol->text, text, size);
    symbol->next = *bucket;
    return change_word(base, bucket, (uint64_t)symbol) ? symbol : NULL;
}

static int text_compare(const struct symbol *a, const struct symbol *b) {
    int order = memcmp(a->text, b->text, MIN(a->size, b->size));
    return order != 0 ? order : (a->size > b->size) - (a->size < b->size);
}

/* Integers in their order, before symbols in the order of their bytes. */
int value_compare(value_t a, value_t b) {
    if (value_is_symbol(a) && value_is_symbol(b)) {
        return a == b ? 0 : text_compare(symbol_of(a), symbol_of(b));
    }
    if (value_is_symbol(a) != value_is_symbol(b)) {
        return value_is_symbol(a) ? 1 : -1;
    }
    return (integer_of(a) > integer_of(b)) - (integer_of(a) < integer_of(b));
}

static bool is_plain(const struct symbol *symbol) {
    if (symbol->size == 0 || symbol->text[0] < 'a' || symbol->text[0] > 'z' || strcmp(symbol->text, "not") == 0) {
        return false;
    }
    for (uint32_t i = 0; i < symbol->size; i++) {
        char c = symbol->text[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_')) {
            return false;
        }
    }
    return true;
}

void value_write(value_t value, char text[TEXT_SIZE]) {
    if (!value_is_symbol(value)) {
        snprintf(text, TEXT_SIZE, "%ld", integer_of(value));
    } else if (is_plain(symbol_of(value))) {
        snprintf(text, TEXT_SIZE, "%s", symbol_of(value)->text);
    } else {
        snprintf(text, TEXT_SIZE, "'%s'", symbol_of(value)->text);
    }
}
