/* Calls of this domain that wait for their answers, over whatever transport: a dense table that tokens lead into.
   A token is an index and a count of how often that index was used, so an answer that comes too late finds nothing. */
#ifndef LIB_CALLS_H
#define LIB_CALLS_H

#include <skerry/fibre.h>

#define CALLS_MAX 65536

enum call_state { CALL_WAITING, CALL_ANSWERED, CALL_REFUSED, CALL_ENDED };

/* On the stack of whoever waits. */
struct call_wait {
    struct fibre_queue queue;
    uint64_t from;                   /* who may answer: a badge, or a channel's address */
    struct call_wait *next, *before; /* its binding's */
    uint32_t token;
    enum call_state state;
    err_t err;
    uint64_t *reply;
    uint32_t reply_room, reply_words; /* the latter, have come so far */
    capaddr_t endpoint;               /* where it was sent; CAP_NULL: not an LRPC */
    capaddr_t cap;                    /* came along */
};

/* A part of an answer. */
struct call_part {
    uint64_t from;
    uint32_t token;
    uint32_t total;  /* words of the whole */
    uint32_t offset; /* of this part's first */
    uint32_t words;
    const uint64_t *word;
    err_t err;
    capaddr_t cap;
};

/* Gives it a token. NO_MEMORY: too many calls at once. */
[[nodiscard]] err_t calls_add(struct call_wait *wait);
void calls_remove(const struct call_wait *wait);

/* Gives a part to the call that it is for; that is woken by the last. False: there is none, and the capability, if any, is
   still the caller's. */
[[nodiscard]] bool calls_answer(const struct call_part *part);

/* The call with this token that waits for `from`; NULL: none. */
struct call_wait *calls_find(uint64_t from, uint32_t token);

/* Ends all that wait for `from`. */
void calls_abandon(uint64_t from, err_t why);

/* Some server of this core has ended: ends the calls whose endpoint is gone. */
void calls_check(bool (*gone)(capaddr_t endpoint));

/* The service has its fill: the caller may ask again, with the capability that comes back. False: there is no such caller. */
[[nodiscard]] bool calls_refuse(uint64_t from, uint32_t token, capaddr_t cap);

/* Ends it with an error of the transport. */
void calls_end(struct call_wait *wait, err_t why);

#endif
