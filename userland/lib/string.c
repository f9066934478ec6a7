/* Memory and string functions. Copying and filling go by lines of eight words and then by bytes: an emulator takes as
   long for one step of `rep movsb` as for a word, and a domain's copies are too short for the CPU's fast strings. */
#include <skerry/string.h>

#define LINE_WORDS 8

/* A word at any address, of any object. */
typedef uint64_t __attribute__((aligned(1), may_alias)) word_t;

/* Keeps the compiler from turning the loop back into a call of the function that it implements. */
static inline void stay_a_loop(void) {
    __asm__ volatile("" : : : "memory");
}

void *memcpy(void *to, const void *from, size_t size) {
    char *t = to;
    const char *f = from;
    for (; size >= LINE_WORDS * sizeof(word_t); size -= LINE_WORDS * sizeof(word_t)) {
        word_t *words = (word_t *)t;
        const word_t *source = (const word_t *)f;
        for (unsigned i = 0; i < LINE_WORDS; i++) {
            words[i] = source[i];
        }
        t += LINE_WORDS * sizeof(word_t);
        f += LINE_WORDS * sizeof(word_t);
        stay_a_loop();
    }
    for (; size >= sizeof(word_t); size -= sizeof(word_t)) {
        *(word_t *)t = *(const word_t *)f;
        t += sizeof(word_t);
        f += sizeof(word_t);
        stay_a_loop();
    }
    for (; size > 0; size--) {
        *t++ = *f++;
        stay_a_loop();
    }
    return to;
}

void *memmove(void *to, const void *from, size_t size) {
    if ((uintptr_t)to - (uintptr_t)from >= size) {
        return memcpy(to, from, size);
    }
    char *t = (char *)to + size;
    const char *f = (const char *)from + size;
    for (; size > 0; size--) {
        *--t = *--f;
        stay_a_loop();
    }
    return to;
}

void *memset(void *to, int byte, size_t size) {
    char *t = to;
    uint64_t pattern = (unsigned char)byte * 0x0101010101010101ul;
    for (; size >= LINE_WORDS * sizeof(word_t); size -= LINE_WORDS * sizeof(word_t)) {
        word_t *words = (word_t *)t;
        for (unsigned i = 0; i < LINE_WORDS; i++) {
            words[i] = pattern;
        }
        t += LINE_WORDS * sizeof(word_t);
        stay_a_loop();
    }
    for (; size >= sizeof(word_t); size -= sizeof(word_t)) {
        *(word_t *)t = pattern;
        t += sizeof(word_t);
        stay_a_loop();
    }
    for (; size > 0; size--) {
        *t++ = (char)byte;
        stay_a_loop();
    }
    return to;
}

int memcmp(const void *a, const void *b, size_t size) {
    const unsigned char *left = a, *right = b;
    for (size_t i = 0; i < size; i++) {
        if (left[i] != right[i]) {
            return left[i] < right[i] ? -1 : 1;
        }
    }
    return 0;
}

size_t strnlen(const char *s, size_t limit) {
    size_t length = 0;
    while (length < limit && s[length] != '\0') {
        length++;
    }
    return length;
}

size_t strlen(const char *s) {
    return strnlen(s, SIZE_MAX);
}

int strncmp(const char *a, const char *b, size_t limit) {
    for (size_t i = 0; i < limit; i++) {
        if (a[i] != b[i]) {
            return (unsigned char)a[i] < (unsigned char)b[i] ? -1 : 1;
        }
        if (a[i] == '\0') {
            break;
        }
    }
    return 0;
}

int strcmp(const char *a, const char *b) {
    return strncmp(a, b, SIZE_MAX);
}

char *strchr(const char *s, int c) {
    for (; *s != '\0'; s++) {
        if (*s == (char)c) {
            return (char *)(uintptr_t)s;
        }
    }
    return c == '\0' ? (char *)(uintptr_t)s : NULL;
}

size_t string_copy(char *to, size_t size, const char *from) {
    size_t length = strnlen(from, size - 1);
    memcpy(to, from, length);
    to[length] = '\0';
    return length;
}

static bool digit_value(char c, unsigned base, unsigned *value) {
    unsigned digit = 99;
    if (c >= '0' && c <= '9') {
        digit = (unsigned)(c - '0');
    } else if (c >= 'a' && c <= 'f') {
        digit = (unsigned)(c - 'a') + 10;
    } else if (c >= 'A' && c <= 'F') {
        digit = (unsigned)(c - 'A') + 10;
    }
    *value = digit;
    return digit < base;
}

bool string_to_u64(const char *s, uint64_t *value) {
    unsigned base = 10;
    if (s[0] == '0' && (s[1] == 'x' || s[1] == 'X')) {
        base = 16;
        s += 2;
    }
    if (*s == '\0') {
        return false;
    }
    uint64_t sum = 0;
    for (; *s != '\0'; s++) {
        unsigned digit;
        if (!digit_value(*s, base, &digit) || sum > (UINT64_MAX - digit) / base) {
            return false;
        }
        sum = sum * base + digit;
    }
    *value = sum;
    return true;
}
