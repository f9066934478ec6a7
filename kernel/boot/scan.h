/*
 * Reading text of known form from memory that may be damaged: each function takes exactly what it names off the front
 * of the text, or says false.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct scan {
    const char *at;
    const char *end;
};

static inline bool scan_char(struct scan *s, char wanted) {
    if (s->at == s->end || *s->at != wanted) {
        return false;
    }
    s->at++;
    return true;
}

/* `wanted` is NUL-terminated. */
static inline bool scan_literal(struct scan *s, const char *wanted) {
    for (; *wanted != '\0'; wanted++) {
        if (!scan_char(s, *wanted)) {
            return false;
        }
    }
    return true;
}

static inline bool scan_digit(char c, unsigned base, unsigned *out) {
    unsigned digit = c >= '0' && c <= '9'   ? (unsigned)(c - '0')
                     : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10
                     : c >= 'A' && c <= 'F' ? (unsigned)(c - 'A') + 10
                                            : base;
    *out = digit;
    return digit < base;
}

/* Exactly `digits` (at most 16) hexadecimal digits. */
static inline bool scan_hex(struct scan *s, unsigned digits, uint64_t *out) {
    uint64_t value = 0;
    for (unsigned i = 0; i < digits; i++) {
        unsigned digit;
        if (s->at == s->end || !scan_digit(*s->at, 16, &digit)) {
            return false;
        }
        value = value << 4 | digit;
        s->at++;
    }
    *out = value;
    return true;
}

/* 1 to 10 decimal digits. */
static inline bool scan_decimal(struct scan *s, uint64_t *out) {
    uint64_t value = 0;
    unsigned digits = 0;
    unsigned digit;
    for (; s->at != s->end && scan_digit(*s->at, 10, &digit); s->at++, digits++) {
        if (digits == 10) {
            return false;
        }
        value = value * 10 + digit;
    }
    *out = value;
    return digits > 0;
}
