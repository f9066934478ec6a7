/* The end that asks. */
#include <skerry/dispatcher.h>
#include <skerry/domain.h>
#include <skerry/spawn.h>
#include <skerry/time.h>

#include "programs/channels/channels.h"

#define BIND_MS 20000
#define ASK_MS 20000

static void receive(struct channel *channel, const struct urpc_message *message) {
    struct client *client = (struct client *)channel;
    if (message->type == CHANNELS_STREAM) {
        return stream_take(&client->stream, message);
    }
    client->answer = *message;
    client->has_answer = true;
    (void)fibre_wake(&client->answered);
}

static void channel_ended(struct channel *channel, err_t why) {
    (void)why;
    struct client *client = (struct client *)channel;
    client->stream.trouble = "the channel is broken";
    fibre_wake_all(&client->answered);
    fibre_wake_all(&client->stream.changed);
}

static void binding_ended(struct bind_channel *bound, err_t why) {
    (void)why;
    struct client *client = bound->context;
    client->gone = true;
    channel_end(&client->channel, ERR_PEER_DEAD);
}

static uint32_t service; /* its domain; 0: not started */

static enum channels_wakes wakes_wanted;

err_t client_wakes(enum channels_wakes wakes) {
    wakes_wanted = wakes;
    return wakes == CHANNELS_SHARED ? channel_listen_shared() : ERR_OK;
}

static err_t start_service(void) {
    const char *const argv[] = {CHANNELS_NAME, CHANNELS_SERVE, CHANNELS_SHARE};
    unsigned argc = wakes_wanted == CHANNELS_SHARED ? 3 : 2;
    struct spawn spawn = {.argv = argv, .argc = argc, .core = dispatcher_frame()->core + 1};
    return service != 0 ? ERR_OK : spawn_domain(&spawn, &service);
}

err_t service_end(void) {
    return spawn_kill(service);
}

err_t client_open(struct client *client) {
    struct bind_request request = {CHANNELS_NAME, BIND_MS, BIND_SIZE};
    struct bind_result result;
    TRY(start_service());
    TRY(bind_to(&request, &result));
    if (result.kind != BIND_CHANNEL) {
        return ERR_UNSUPPORTED;
    }
    struct bind_channel *bound = result.channel;
    *client = (struct client){.bound = bound};
    bound->context = client;
    bound->ended = binding_ended;
    struct channel_request open = {
        .frame = bound->memory,
        .size = bound->size,
        .side = bound->side,
        .wake = bound->wake,
        .patience = PATIENCE,
        .receive = receive,
        .ended = channel_ended,
    };
    return channel_open(&client->channel, &open);
}

void client_close(struct client *client) {
    channel_close(&client->channel);
    if (!client->gone) {
        bind_release(client->bound);
    }
}

err_t client_ask(struct client *client, const struct urpc_message *question) {
    client->has_answer = false;
    TRY(channel_send(&client->channel, question, time_deadline(ASK_MS)));
    while (!client->has_answer) {
        if (client->channel.state == CHANNEL_ENDED) {
            return ERR_PEER_DEAD;
        }
        if (!fibre_wait(&client->answered, time_deadline(ASK_MS))) {
            return ERR_TIMEOUT;
        }
    }
    return ERR_OK;
}
