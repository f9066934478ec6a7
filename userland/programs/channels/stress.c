/* Two streams at once over one channel, both ends sleeping whenever they can: a wake-up that is lost shows as a time-out. */
#include <skerry/domain.h>
#include <skerry/print.h>
#include <skerry/time.h>

#include "programs/channels/channels.h"

#define QUIET_MS 20000

static struct client client;

static void must(err_t err, const char *what) {
    if (err != ERR_OK) {
        die("%s: %s", what, err_name(err));
    }
}

int stress(uint64_t messages, uint64_t seed, enum channels_wakes wakes) {
    must(client_wakes(wakes), "listen");
    must(client_open(&client), "bind");
    struct stream *stream = &client.stream;
    *stream = (struct stream){.channel = &client.channel, .messages = messages, .seed = seed};
    struct urpc_message begin = {.type = CHANNELS_BEGIN, .words = 2, .word = {messages, seed}};
    must(channel_send(&client.channel, &begin, time_deadline(QUIET_MS)), "begin");
    must(stream_start(stream), "stream");
    while ((stream->sent < messages || stream->received < messages) && stream->trouble == NULL) {
        if (!fibre_wait(&stream->changed, time_deadline(QUIET_MS))) {
            die("%lu sent, %lu received, then nothing more came", stream->sent, stream->received);
        }
    }
    if (stream->trouble != NULL) {
        die("%lu sent, %lu received: %s", stream->sent, stream->received, stream->trouble);
    }
    const struct channel *channel = &client.channel;
    printf("stress: %lu messages each way, slept %lu times, woke the other end %lu times %s\n", messages,
           channel->sleeps, channel->wakes, channel->wake.place != 0 ? "through the monitors" : "by interrupts");
    client_close(&client);
    must(service_end(), "end of the service");
    return 0;
}
