/* What the modes of this program share: a service on another core, and streams of messages over a channel to it. */
#ifndef CHANNELS_CHANNELS_H
#define CHANNELS_CHANNELS_H

#include <skerry/bind.h>
#include <skerry/channel.h>

#define CHANNELS_NAME "channels"
#define CHANNELS_SERVE "serve"  /* the argument that makes this program the service */
#define CHANNELS_SHARE "shared" /* an argument after those: no vector of its own */
#define PATIENCE 8              /* less than usual, so that channels sleep often */

/* Types of messages. */
enum {
    CHANNELS_ECHO = 1, /* words -> the same */
    CHANNELS_BROKEN,   /* -> channels whose peer broke the protocol, so far */
    CHANNELS_BEGIN,    /* messages, seed: a stream each way begins, the answer is the first of the other one */
    CHANNELS_STREAM,   /* one of a stream: its number, and up to six words that follow from it */
};

/* So many messages each way, of all lengths, with pauses of all lengths. */
struct stream {
    struct channel *channel;
    uint64_t messages, seed;
    uint64_t sent, received;
    struct fibre_queue changed;
    const char *trouble;
};

/* Sends all of them from a fibre; `received` is what stream_take counts. */
[[nodiscard]] err_t stream_start(struct stream *stream);
void stream_take(struct stream *stream, const struct urpc_message *message);

/* An end that waits for answers. */
struct client {
    struct channel channel; /* first */
    struct bind_channel *bound;
    struct stream stream;
    struct urpc_message answer;
    struct fibre_queue answered;
    bool has_answer, gone;
};

/* How wake-ups come. */
enum channels_wakes { CHANNELS_OWN, CHANNELS_SHARED };

/* Both this domain and the service. CHANNELS_OWN when nobody calls it. */
[[nodiscard]] err_t client_wakes(enum channels_wakes wakes);

/* Starts the service on the next core, the first time, and binds to it. */
[[nodiscard]] err_t client_open(struct client *client);
void client_close(struct client *client);
[[nodiscard]] err_t service_end(void);

/* Sends, waits for what comes back. */
[[nodiscard]] err_t client_ask(struct client *client, const struct urpc_message *question);

void serve(enum channels_wakes wakes);
int stress(uint64_t messages, uint64_t seed, enum channels_wakes wakes);
int hostile(uint64_t rounds);
int idle(unsigned samples);

#endif
