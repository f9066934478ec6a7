/* The service: as many clients as bind to it. One whose end of the channel breaks the protocol is dropped. */
#include <skerry/domain.h>
#include <skerry/heap.h>
#include <skerry/log.h>

#include "programs/channels/channels.h"

struct served {
    struct channel channel; /* first */
    struct bind_channel *bound;
    struct stream stream;
    bool leaving;
};

static uint64_t broken;

static void begin(struct served *served, const struct urpc_message *message) {
    served->stream =
        (struct stream){.channel = &served->channel, .messages = message->word[0], .seed = ~message->word[1]};
    if (stream_start(&served->stream) != ERR_OK) {
        channel_end(&served->channel, ERR_NO_MEMORY);
    }
}

/* Whoever asks waits for the answer, so there is room for it; who does not may lose it. */
static void receive(struct channel *channel, const struct urpc_message *message) {
    struct served *served = (struct served *)channel;
    struct urpc_message answer = *message;
    if (message->type == CHANNELS_BEGIN) {
        return begin(served, message);
    }
    if (message->type == CHANNELS_STREAM) {
        return stream_take(&served->stream, message);
    }
    answer.words = message->type == CHANNELS_BROKEN ? 1 : message->words;
    answer.word[0] = message->type == CHANNELS_BROKEN ? broken : message->word[0];
    (void)channel_try_send(channel, &answer);
}

/* The fibre of a stream may still look at it: then it stays for good. */
static void forget(struct served *served) {
    served->stream.trouble = "the channel has ended";
    if (served->stream.messages == 0) {
        free(served);
    }
}

static void let_go(void *argument) {
    struct served *served = *(struct served **)argument;
    channel_close(&served->channel);
    if (served->bound != NULL) {
        bind_release(served->bound);
    }
    forget(served);
}

/* The peer broke the protocol. Letting go of it takes calls, so a fibre does it. */
static void channel_ended(struct channel *channel, err_t why) {
    (void)why;
    struct served *served = (struct served *)channel;
    broken++;
    served->leaving = true;
    if (fibre_spawn(let_go, &served, sizeof(served)) != ERR_OK) {
        die("no fibre");
    }
}

/* The peer has let go, or ended; perhaps while the fibre above is on its way. */
static void binding_ended(struct bind_channel *bound, err_t why) {
    (void)why;
    struct served *served = bound->context;
    served->bound = NULL;
    channel_close(&served->channel);
    if (!served->leaving) {
        forget(served);
    }
}

static err_t accept(struct bind_channel *bound) {
    struct served *served = calloc(1, sizeof(*served));
    struct channel_request request = {
        .frame = bound->memory,
        .size = bound->size,
        .side = bound->side,
        .wake = bound->wake,
        .patience = PATIENCE,
        .receive = receive,
        .ended = channel_ended,
    };
    if (served == NULL) {
        return ERR_NO_MEMORY;
    }
    err_t err = channel_open(&served->channel, &request);
    if (err != ERR_OK) {
        free(served);
        return err;
    }
    served->bound = bound;
    bound->context = served;
    bound->ended = binding_ended;
    return ERR_OK;
}

void serve(enum channels_wakes wakes) {
    err_t err = wakes == CHANNELS_SHARED ? channel_listen_shared() : ERR_OK;
    err = err == ERR_OK ? bind_export(CHANNELS_NAME, accept) : err;
    if (err != ERR_OK) {
        die("%s", err_doc(err));
    }
    event_loop();
}
