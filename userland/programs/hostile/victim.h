/* A second dispatcher of this domain, with an empty capability space, to be run, maltreated and made anew. */
#ifndef VICTIM_H
#define VICTIM_H

#include "programs/hostile/hostile.h"

struct victim {
    capaddr_t dispatcher, notification;
    volatile struct dispatcher_frame *frame;
};

/* Loops for ever; blocks for ever; scribbles over its frame for ever. */
void victim_spin(void);
void victim_block(void);
void victim_scribble(void);

/* A new one, not yet running; all its entries lead to `entry`. What the last one was made of is used again. */
struct victim victim_make(void (*entry)(void));

/* enum dispatcher_state. */
uint64_t victim_state(const struct victim *victim);

/* Fill the part of the frame that the CPU driver uses with odd addresses. */
void victim_spoil(const struct victim *victim);

/* Stop it and take it apart. */
void victim_end(struct victim *victim);

#endif
