/* This program's domains on other cores, each at the end of a bare URPC channel that both ends poll. The first domain starts
   one on each core that it needs and tells it what to be. */
#ifndef BENCH_FAR_H
#define BENCH_FAR_H

#include <skerry/bind.h>

#include "programs/bench/commons.h"

#define BENCH_FAR "far" /* the argument that makes this program one of these */

/* Messages. Word 0 of the first domain's is what stands here; the answer has the same type. */
enum far_message {
    FAR_ECHO = 1, /* answered as it came */
    FAR_STAMP,    /* answered with the time of its arrival in word 0 */
    FAR_TAKE,     /* answered when it says 1: the last of a burst */
    FAR_UPDATE,   /* lines: updated in the server's own memory, then answered */
    FAR_SERVED,   /* answered, with the ticks that it took, when so many FAR_UPDATEs have been */
    FAR_SHARE,    /* lines: updates them in the commons, under the lock, again and again until told to leave */
    FAR_BIND,     /* core: gets a channel to the one there */
    FAR_CALL,     /* lines: has that one update them again and again until told to leave */
    FAR_POLL,     /* 1: from now on do nothing but poll; 0: let other fibres run, too */
    FAR_END       /* the domain ends, after the answer */
};

struct far {
    struct bind_channel *binding;
    struct urpc urpc;
};

/* One on that core; it is started if `start` says so. */
enum far_start { FAR_EXISTS, FAR_START };
[[nodiscard]] err_t far_open(coreid_t core, enum far_start start, struct far *far);
[[nodiscard]] err_t far_end(struct far *far);

/* A message of one word, or of seven, that waits for room; the answer. */
void far_send(struct urpc *urpc, uint16_t type, uint64_t word);
void far_send_line(struct urpc *urpc, uint16_t type, uint64_t word);
void far_receive(struct urpc *urpc, struct urpc_message *message);

/* Both. */
void far_ask(struct far *far, uint16_t type, uint64_t word);

/* main() of the domain on another core. */
void far_main(void);

/* Cores of this machine. */
[[nodiscard]] err_t far_cores(uint64_t *count);

#endif
