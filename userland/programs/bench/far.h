/* This program's domains on other cores, each at the end of a bare URPC channel that both ends poll. The first domain starts
   one on each core that it needs and tells it what to be. */
#ifndef BENCH_FAR_H
#define BENCH_FAR_H

#include <skerry/bind.h>

#include "programs/bench/commons.h"

#define BENCH_FAR "far" /* the argument that makes this program one of these */

/* Messages. Word 0 of the first domain's is what stands here; the answer has the same type. */
enum far_message {
    FAR_RAW =
        1, /* from now on serves this channel alone, in a bare loop, and only the next three; the next one of these ends it */
    FAR_ECHO,   /* answered as it came */
    FAR_STAMP,  /* answered with the time of its arrival in word 0 */
    FAR_TAKE,   /* answered when it says 1: the last of a burst */
    FAR_UPDATE, /* lines: updated in the server's own memory, then answered */
    FAR_SERVED, /* answered, with the ticks that it took, when so many FAR_UPDATEs have been */
    FAR_SHARE,  /* lines: updates them in the commons, under the lock, again and again until told to leave */
    FAR_BIND,   /* core: gets a channel to the one there */
    FAR_CALL,   /* lines: has that one update them again and again until told to leave */
    FAR_HOLD, /* from now on sleeps, and keeps the capabilities that come, until a channel ends; then the domain does */
    FAR_POLL, /* 1: from now on do nothing but poll; 0: let other fibres run, too */
    FAR_END   /* the domain ends, after the answer */
};

struct far {
    struct bind_channel *binding;
    struct urpc urpc;
};

/* One on that core; it is started if `start` says so. */
enum far_start { FAR_EXISTS, FAR_START };
[[nodiscard]] err_t far_open(coreid_t core, enum far_start start, struct far *far);
[[nodiscard]] err_t far_end(struct far *far);

NORETURN void far_broken(err_t err);

/* Waits for room; for a message. */
static inline void far_send_message(struct urpc *urpc, const struct urpc_message *message) {
    err_t err;
    while ((err = urpc_send(urpc, message)) != ERR_OK) {
        if (err != ERR_BUSY) {
            far_broken(err);
        }
        cpu_pause();
    }
}

static inline void far_receive(struct urpc *urpc, struct urpc_message *message) {
    err_t err;
    while ((err = urpc_receive(urpc, message)) != ERR_OK) {
        if (err != ERR_NOT_READY) {
            far_broken(err);
        }
        cpu_pause();
    }
}

static inline void far_send(struct urpc *urpc, uint16_t type, uint64_t word) {
    struct urpc_message message = {.type = type, .words = 1};
    message.word[0] = word;
    far_send_message(urpc, &message);
}

/* A message of one word, and its answer. */
void far_ask(struct far *far, uint16_t type, uint64_t word);

/* main() of the domain on another core. */
void far_main(void);

/* Cores of this machine. */
[[nodiscard]] err_t far_cores(uint64_t *count);

#endif
