/* Who is alive? Membership by agreement, on the engine (agree.h).

   A core that is doubted is probed; one that does not answer in time is suspected. The leader, the lowest core that its
   own side neither suspects nor has fenced, fences each suspect: after that it runs no more, whatever it was doing. Only then
   does it propose a view without it, in two phases among all others, and each of them installs it: an epoch and a set.
   A core that comes back is proposed likewise, once all transactions of the dead have ended.

   One history. (1) Only the lowest core of the proposed view proposes, and it has fenced the lower ones: so two that
   propose at once do not exist, only a new leader after a fenced one. (2) Every core of the proposal votes, and a vote
   is a promise: to take nothing more from those whom the proposal leaves out, and no proposal with a lower epoch. (3) A
   new leader starts from the newest proposal that it has promised itself: one that was committed anywhere was promised
   by all. So nobody who was left out comes back; and whom the dead leader was letting in, who may know it or not, is
   fenced, too, and has to be started again.
   A leader that dies is doubted by those who wait for it, and the next one does the same again.

   Two cores that suspect each other at once: the machine's fence lets the lower one win. */
#ifndef SKERRY_MEMBERSHIP_H
#define SKERRY_MEMBERSHIP_H

#include <skerry/agree.h>

struct membership_config {
    unsigned client;   /* its number among the engine's clients */
    uint64_t patience; /* time in which a probed core must answer */
    void *context;
    /* Stops a core for good; membership_fenced() says that it is done. */
    void (*fence)(void *context, unsigned core);
};

struct membership {
    struct agree *agree;
    const struct membership_config *config;
    struct agree_set probed, suspected, fencing, fenced, wanted;
    struct agree_set promised_live; /* of the newest proposal that we voted for */
    uint32_t promised, tried;       /* epochs */
    uint32_t proposing, letting_in; /* yes or no */
    uint64_t next_act;
    uint64_t answer_by[AGREE_CORES];
};

void membership_init(struct membership *membership, const struct membership_config *config, struct agree *agree);

/* Someone waits on these cores in vain (agree_config.doubt), or it is time to look after a neighbour. */
void membership_doubt(struct membership *membership, const struct agree_set *cores);

void membership_fenced(struct membership *membership, unsigned core);

/* These cores have been started and may be let in. Their engines start with the epoch of the starter and nobody live. */
void membership_join(struct membership *membership, const struct agree_set *cores);

/* After agree_tick(), with its time. */
void membership_tick(struct membership *membership);
uint64_t membership_next_tick(const struct membership *membership);

/* For the owner's agree_client: its context is not ours. */
err_t membership_prepare(struct membership *membership, const struct agree_work *work);
err_t membership_finish(struct membership *membership, const struct agree_work *work, enum agree_end end);
void membership_done(struct membership *membership, err_t result);
void membership_note(struct membership *membership, unsigned from, const uint64_t op[AGREE_WORDS]);
void membership_viewed(struct membership *membership);    /* agree_client.view */
void membership_recovered(struct membership *membership); /* agree_client.recovered */

#endif
