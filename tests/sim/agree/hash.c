/* Hashing a world: the same state by any way is the same number, and what a dead core still holds does not count. */
#include "protocol.h"

static uint64_t mix(uint64_t hash, const void *data, size_t size) {
    const uint64_t *word = data;
    for (size_t i = 0; i < size / 8; i++) {
        hash = (hash ^ word[i]) * 0x9e3779b97f4a7c15UL;
        hash ^= hash >> 29;
    }
    return hash;
}

static uint64_t mix_node(uint64_t hash, const struct node *node) {
    hash = mix(hash, &node->up, offsetof(struct node, membership));
    if (node->up) {
        hash = mix(hash, &node->membership, sizeof(node->membership));
        hash = mix(hash, &node->engine, offsetof(struct agree, counters));
        hash = mix(hash, node->record, sizeof(node->record[0]) * scenario.cores * AGREE_WINDOW);
        hash = mix(hash, node->state, protocol()->state);
    }
    return hash;
}

uint64_t world_hash(void) {
    uint64_t hash = mix(1, &world.report, offsetof(struct world, flight) - offsetof(struct world, report));
    for (unsigned core = 0; core < scenario.cores; core++) {
        hash = mix_node(hash, &world.node[core]);
    }
    for (unsigned to = 0; to < scenario.cores; to++) {
        for (uint64_t from = 0; world_is_up(to) && from < scenario.cores; from++) {
            hash = mix(hash, &from, sizeof(from));
            for (uint64_t i = 0; i < world.flights; i++) {
                const struct flight *flight = &world.flight[i];
                hash = flight->from == from && flight->to == to ? mix(hash, flight, sizeof(*flight)) : hash;
            }
        }
    }
    return hash;
}
