/* What the files behind urpc.h share. */
#ifndef LIB_URPC_INTERNAL_H
#define LIB_URPC_INTERNAL_H

#include <skerry/urpc.h>

#define URPC_LAPS 0xffff

/* What headers call a lap: never 0. */
static inline uint16_t urpc_lap(uint64_t laps) {
    return (uint16_t)(1 + laps % URPC_LAPS);
}

/* Where the second half of the ring begins that is read. */
static inline uint64_t *urpc_middle(const struct urpc *channel) {
    return (uint64_t *)(void *)((char *)channel->rx_first + channel->slots / 2 * channel->slot_bytes);
}

#endif
