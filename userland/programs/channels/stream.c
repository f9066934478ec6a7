/* Streams. What a message must be follows from its number, so nothing needs to be kept. */
#include <skerry/time.h>

#include "programs/channels/channels.h"

#define SEND_MS 20000
#define PAUSE_TICKS 1000000 /* of the TSC */

static uint64_t chance(struct stream *stream) {
    stream->seed = stream->seed * 6364136223846793005u + 1442695040888963407u;
    return stream->seed >> 33;
}

static uint64_t word_of(uint64_t number, unsigned i) {
    return i == 0 ? number : (number + i) * 0x9e3779b97f4a7c15u;
}

static unsigned words_of(uint64_t number) {
    return 1 + (unsigned)(number * 5 % URPC_WORDS);
}

static err_t send_next(struct stream *stream) {
    struct urpc_message message = {.type = CHANNELS_STREAM, .words = (uint16_t)words_of(stream->sent)};
    for (unsigned i = 0; i < message.words; i++) {
        message.word[i] = word_of(stream->sent, i);
    }
    TRY(channel_send(stream->channel, &message, time_deadline(SEND_MS)));
    stream->sent++;
    return ERR_OK;
}

/* Mostly none, so that windows fill up; now and then long enough for both ends to fall asleep. */
static void pause_a_little(struct stream *stream) {
    uint64_t dice = chance(stream) % 32;
    if (dice == 0) {
        fibre_sleep_until(time_now() + chance(stream) % PAUSE_TICKS);
    } else if (dice < 8) {
        fibre_yield();
    }
}

static void send_all(void *argument) {
    struct stream *stream = *(struct stream **)argument;
    while (stream->sent < stream->messages && stream->trouble == NULL) {
        pause_a_little(stream);
        err_t err = send_next(stream);
        if (err != ERR_OK) {
            stream->trouble = err_name(err);
        }
    }
    fibre_wake_all(&stream->changed);
}

err_t stream_start(struct stream *stream) {
    return fibre_spawn(send_all, &stream, sizeof(struct stream *));
}

void stream_take(struct stream *stream, const struct urpc_message *message) {
    uint64_t number = stream->received++;
    bool right = message->words == words_of(number);
    for (unsigned i = 0; right && i < message->words; i++) {
        right = message->word[i] == word_of(number, i);
    }
    if (!right) {
        stream->trouble = "a message is lost, double or torn";
    }
    fibre_wake_all(&stream->changed);
}
