/* How the two ends of a URPC channel touch the frame that they share. A header of its own, so that the tests can put one in
   its place that takes the ends step by step through all orders. */
#ifndef SKERRY_URPC_MEMORY_H
#define SKERRY_URPC_MEMORY_H

#include <stdbool.h>
#include <stdint.h>

static inline uint64_t urpc_load(const uint64_t *word) {
    return __atomic_load_n(word, __ATOMIC_RELAXED);
}

static inline uint64_t urpc_load_acquire(const uint64_t *word) {
    return __atomic_load_n(word, __ATOMIC_ACQUIRE);
}

/* The part of a header that says whether it is new. */
static inline uint16_t urpc_load_lap(const uint64_t *header) {
    return __atomic_load_n((const uint16_t *)header + 1, __ATOMIC_ACQUIRE);
}

static inline void urpc_store(uint64_t *word, uint64_t value) {
    __atomic_store_n(word, value, __ATOMIC_RELAXED);
}

static inline void urpc_store_release(uint64_t *word, uint64_t value) {
    __atomic_store_n(word, value, __ATOMIC_RELEASE);
}

/* The value before. */
static inline uint64_t urpc_exchange(uint64_t *word, uint64_t value) {
    return __atomic_exchange_n(word, value, __ATOMIC_ACQ_REL);
}

/* Stores if the value is the one expected. */
static inline bool urpc_replace(uint64_t *word, uint64_t expected, uint64_t value) {
    return __atomic_compare_exchange_n(word, &expected, value, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
}

#endif
