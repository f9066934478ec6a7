/* How a core that is let in gets a copy of what is replicated on the others: it asks one after the other. Who has none itself
   refuses, and sends one later when it has. The lowest core that all others have refused begins anew: nobody is left that had
   the old state.

   For owners (kv.h, land.h) whose state cannot change in two ways while a copy is on its way; they say how they see to that. */
#ifndef SKERRY_COPY_H
#define SKERRY_COPY_H

#include <skerry/agree.h>

struct copy {
    struct agree *agree;
    uint64_t client;           /* the owner's number among the engine's clients */
    uint32_t ready, began;     /* yes or no; began: has been in a view */
    uint64_t anew;             /* yes: it began without the old state */
    struct agree_set refused;  /* they had no copy to give */
    struct agree_set asked_by; /* and they have asked us when we had none */
};

/* Sends all that there is to this core, by copy_send(). */
typedef void (*copy_sender)(struct copy *copy, unsigned to);

#define COPY_PART 5 /* the first word of a note from here on is the owner's: a part of its state */

/* At the start of the machine every replica is ready, and empty. A core that is let in later is not. */
void copy_init(struct copy *copy, struct agree *agree, unsigned client);

void copy_send(const struct copy *copy, unsigned to, const uint64_t part[AGREE_WORDS]);

/* A note that came: true when it is a part of a copy that is wanted. */
bool copy_note(struct copy *copy, unsigned from, const uint64_t op[AGREE_WORDS], copy_sender send);

/* After a new view. */
void copy_viewed(struct copy *copy, const struct agree_set *dead, copy_sender send);

#endif
