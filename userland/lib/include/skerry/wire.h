/* The words of a message, taken apart and put together by the generated stubs: see tools/skerry/interfaces/model.py for how a
   message is laid out. Pure. What is taken comes from another domain: every length, bound and value is checked, and after the
   first mistake `bad` is set and nothing more is read or written, so a caller checks once, in the end. */
#ifndef SKERRY_WIRE_H
#define SKERRY_WIRE_H

#include <skerry/base.h>
#include <skerry/bulk.h>
#include <skerry/heap.h>
#include <skerry/string.h>

struct wire {
    uint64_t *at, *end;
    bool bad;
};

/* Stubs of messages that are put straight into a line, and what they fall back on. */
#define WIRE_FAST __attribute__((always_inline))
#define WIRE_SLOW __attribute__((noinline, unused)) static

#define WIRE_HEAP __attribute__((cleanup(wire_free)))

static inline void wire_free(uint64_t *const *words) {
    free(*words);
}

static inline uint64_t *wire_alloc(size_t words) {
    return malloc(words * sizeof(uint64_t));
}

static inline struct wire wire_over(uint64_t *words, size_t count) {
    return (struct wire){.at = words, .end = words + count};
}

/* To take from only. */
static inline struct wire wire_of(const uint64_t *words, size_t count) {
    return wire_over((uint64_t *)(uintptr_t)words, count);
}

static inline uint32_t wire_used(const struct wire *wire, const uint64_t *words) {
    return (uint32_t)(wire->at - words);
}

/* The next `words` words; NULL, and `bad`, when there are not so many. */
static inline uint64_t *wire_next(struct wire *wire, size_t words) {
    if (wire->bad || words > (size_t)(wire->end - wire->at)) {
        wire->bad = true;
        return NULL;
    }
    uint64_t *at = wire->at;
    wire->at += words;
    return at;
}

static inline size_t wire_words(size_t size) {
    return (size + sizeof(uint64_t) - 1) / sizeof(uint64_t);
}

static inline void wire_put(struct wire *wire, uint64_t word) {
    uint64_t *at = wire_next(wire, 1);
    if (at != NULL) {
        *at = word;
    }
}

static inline void wire_put_number(struct wire *wire, uint64_t word, uint64_t most) {
    wire->bad |= word > most;
    wire_put(wire, word);
}

static inline void wire_put_flags(struct wire *wire, uint64_t word, uint64_t known) {
    wire->bad |= (word & ~known) != 0;
    wire_put(wire, word);
}

/* `data` may lie in the message already, further on. The last word is filled up with zero bytes. */
static inline void wire_put_array(struct wire *wire, const void *data, size_t count, size_t element) {
    size_t size = count * element, words = wire_words(size);
    uint64_t *at = wire_next(wire, words);
    if (at == NULL || size == 0) {
        return;
    }
    memmove(at, data, size);
    memset((char *)at + size, 0, words * sizeof(uint64_t) - size);
}

static inline void wire_put_list(struct wire *wire, const void *data, size_t most, size_t element, size_t count) {
    wire_put_number(wire, count, most);
    wire_put_array(wire, data, wire->bad ? 0 : count, element);
}

static inline void wire_put_string(struct wire *wire, const char *text, size_t most) {
    size_t length = strnlen(text, most + 1);
    wire_put_number(wire, length, most);
    wire_put_array(wire, text, wire->bad ? 0 : length + 1, 1);
}

/* A piece of the client's bulk: its place, and its size in the upper half. One of no bytes may lie anywhere. */
static inline void wire_put_piece(struct wire *wire, const struct bulk *bulk, const void *piece, size_t size,
                                  size_t most) {
    size_t place = size != 0 ? (size_t)((uintptr_t)piece - (uintptr_t)bulk->at) : 0;
    wire->bad |= size > most || place > bulk->size || size > bulk->size - place;
    wire_put(wire, place | (uint64_t)size << 32);
}

/* Of a message that its sender may still change: once each. */
static inline uint64_t wire_word(const uint64_t *word) {
    return __atomic_load_n(word, __ATOMIC_RELAXED);
}

static inline uint64_t wire_take(struct wire *wire) {
    const uint64_t *at = wire_next(wire, 1);
    return at != NULL ? *at : 0;
}

static inline uint64_t wire_take_number(struct wire *wire, uint64_t most) {
    uint64_t word = wire_take(wire);
    wire->bad |= word > most;
    return word;
}

static inline uint64_t wire_take_flags(struct wire *wire, uint64_t known) {
    uint64_t word = wire_take(wire);
    wire->bad |= (word & ~known) != 0;
    return word;
}

static inline const void *wire_take_array(struct wire *wire, size_t count, size_t element) {
    return wire_next(wire, wire_words(count * element));
}

static inline const void *wire_take_list(struct wire *wire, size_t most, size_t element, size_t *count) {
    *count = (size_t)wire_take_number(wire, most);
    return wire_take_array(wire, wire->bad ? 0 : *count, element);
}

static inline void *wire_take_piece(struct wire *wire, const struct bulk *bulk, size_t most, size_t *size) {
    uint64_t word = wire_take(wire);
    size_t place = word & UINT32_MAX;
    *size = word >> 32;
    wire->bad |= *size > most || place > bulk->size || *size > bulk->size - place;
    return wire->bad ? NULL : bulk->at + place;
}

/* It has the length that it says and no zero byte before its end. */
static inline const char *wire_take_string(struct wire *wire, size_t most) {
    size_t length = (size_t)wire_take_number(wire, most);
    const char *text = (const char *)wire_next(wire, wire->bad ? 0 : wire_words(length + 1));
    if (wire->bad || strnlen(text, length + 1) != length) {
        wire->bad = true;
        return "";
    }
    return text;
}

#endif
