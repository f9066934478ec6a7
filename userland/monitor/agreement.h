/* Agreement among the monitors: the one engine (agree.h) of this core, on the links between monitors. It runs from the moment
   that this core knows how many there are; its clients are registered before. */
#ifndef MONITOR_AGREEMENT_H
#define MONITOR_AGREEMENT_H

#include <skerry/agree.h>
#include <skerry/urpc.h>

/* Who uses it; the numbers are the protocol's. */
enum agreement_client {
    AGREEMENT_MEMBERS,     /* membership.c: who is alive */
    AGREEMENT_KV,          /* keys and values for applications */
    AGREEMENT_NAMES,       /* names of services */
    AGREEMENT_OWNERS,      /* shared_caps.h: capabilities that domains of several cores have */
    AGREEMENT_SPAN,        /* mappings of domains that span cores */
    AGREEMENT_KNOWLEDGE,   /* groups.c: which core is in which group */
    AGREEMENT_LAND,        /* ownership.c: who owns each 2 MiB of RAM */
    AGREEMENT_GONE,        /* gone.c: what was shared with the dead */
    AGREEMENT_PRACTICE,    /* nothing, to be timed */
    AGREEMENT_RECALL,      /* memory that was lent */
    AGREEMENT_FACTS,       /* told.c: what the knowledge base is told */
    AGREEMENT_SUPERVISION, /* supervision.c: who is to be started anew */
};

void agreement_register(enum agreement_client number, const struct agree_client *client);

/* `live` in this epoch: this core alone, or nobody, when others are to let it in. */
[[nodiscard]] err_t agreement_start(unsigned cores, uint32_t epoch, const struct agree_set *live);

struct agree *agreement(void);

/* Submits (agree.h), and suspends the fibre until the end, which it returns. A core that is in no view yet waits until it is.
   `deadline` is TSC; TIMEOUT also when it passed in the queue. */
[[nodiscard]] err_t agreement_do(struct agree_request *request);

/* What a client names as `done` when all its requests come by agreement_do(). */
void agreement_done(void *context, uint64_t cookie, err_t result);

/* The answer that a client's prepare() or finish() owes. */
void agreement_answer(struct agree_id id, err_t result);

/* Something may be due sooner than was thought: the clock looks anew. */
void agreement_hurry(void);

/* PEER_AGREE, PEER_AGREE_MORE from the core at the other end of a link. */
void agreement_take(unsigned from, const struct urpc_message *line);

#endif
