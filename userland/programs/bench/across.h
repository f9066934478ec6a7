/* Two domains of this program on two cores: the first one, and `other`, which plays roles on the other core. A control channel
   between them, and an area of shared memory in which each path puts what it measures. */
#ifndef BENCH_ACROSS_H
#define BENCH_ACROSS_H

#include <skerry/channel.h>

#define BENCH_OTHER "other"
#define RING_SIZE (16 * PAGE_SIZE)

enum other_role {
    OTHER_NONE,
    OTHER_BARE,  /* answers in one cache line */
    OTHER_ECHO,  /* polls its ring, sends each word back */
    OTHER_SINK,  /* takes messages of one word; after each burst of them it sends one */
    OTHER_SINK7, /* the same with messages of seven words */
    OTHER_BLOCK, /* a channel that sleeps whenever it can; sends each word back */
    OTHER_WAIT,  /* waits for an interrupt; the time of its first instruction in `stamp` */
    OTHER_END
};

/* Shared words, a line each where they are written by turns. */
struct area {
    _Alignas(64) uint64_t here, there;    /* one line, as the bare ping-pong has it */
    _Alignas(64) volatile uint64_t ready; /* all of it is set up */
    _Alignas(64) volatile uint64_t role;  /* that the other domain is in */
    _Alignas(64) volatile uint64_t leave;
    _Alignas(64) volatile uint64_t stamp;
};

struct across {
    struct channel control;   /* first */
    struct channel_wake wake; /* of the other domain */
    struct area *area;
    char *ring; /* RING_SIZE */
};

/* Starts the other domain on the next core. */
[[nodiscard]] err_t across_open(struct across *across);
[[nodiscard]] err_t across_close(struct across *across);

/* Zeroes and formats the ring, lets the other domain take a role on it, waits until it has. */
struct other_request {
    enum other_role role;
    uint32_t slot; /* bytes */
    uint64_t burst;
};
[[nodiscard]] err_t across_role(struct across *across, const struct other_request *request);

/* Ends the role. `poke`: the other domain is blocked and must be interrupted to see it. */
[[nodiscard]] err_t across_leave(struct across *across, bool poke);

/* The other side of across_open. */
[[nodiscard]] err_t across_join(struct across *across, void (*receive)(struct channel *, const struct urpc_message *));

void other_main(void);

#endif
