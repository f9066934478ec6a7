/* The real one's functions, each a step at which the simulator may let the other end, or a store buffer, go first. */
#ifndef SKERRY_URPC_MEMORY_H
#define SKERRY_URPC_MEMORY_H

#include <stdbool.h>
#include <stdint.h>

uint64_t sim_load(const uint64_t *word);
void sim_store(uint64_t *word, uint64_t value);
uint64_t sim_exchange(uint64_t *word, uint64_t value);
bool sim_replace(uint64_t *word, uint64_t expected, uint64_t value);

static inline uint64_t urpc_load(const uint64_t *word) {
    return sim_load(word);
}

static inline uint64_t urpc_load_acquire(const uint64_t *word) {
    return sim_load(word);
}

static inline uint16_t urpc_load_lap(const uint64_t *header) {
    return (uint16_t)(sim_load(header) >> 16);
}

static inline void urpc_store(uint64_t *word, uint64_t value) {
    sim_store(word, value);
}

static inline void urpc_store_release(uint64_t *word, uint64_t value) {
    sim_store(word, value);
}

static inline uint64_t urpc_exchange(uint64_t *word, uint64_t value) {
    return sim_exchange(word, value);
}

static inline bool urpc_replace(uint64_t *word, uint64_t expected, uint64_t value) {
    return sim_replace(word, expected, value);
}

#endif
