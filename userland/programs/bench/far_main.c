/* The domain on another core: serves all its channels in turn, one message each; roles that last keep it from that until the
   commons say leave. */
#include <skerry/domain.h>
#include <skerry/event.h>
#include <skerry/fibre.h>
#include <skerry/heap.h>
#include <skerry/print.h>

#include "programs/bench/bench.h"
#include "programs/bench/far.h"

static struct urpc *clients[FAR_CORES_MAX];
static unsigned client_count;
static struct commons *commons;
static struct commons_line own_lines[COMMONS_LINES]; /* what a message-passing server keeps for itself */
static struct far server;
static bool polls, over;
static struct event channel_ended;

static uint64_t served_left, served_began;
static struct urpc *served_asker;

static void keep(struct bind_channel *channel, uint64_t word, capaddr_t cap) {
    (void)channel, (void)word, (void)cap;
}

static void ended(struct bind_channel *channel, err_t why) {
    (void)why;
    event_raise(&channel_ended);
    for (unsigned i = 0; i < client_count; i++) {
        if (clients[i] == channel->context) {
            clients[i] = clients[--client_count];
            free(channel->context);
            return;
        }
    }
}

static err_t accept(struct bind_channel *channel) {
    struct urpc *urpc = calloc(1, sizeof(*urpc));
    if (urpc == NULL || client_count == FAR_CORES_MAX) {
        free(urpc);
        return ERR_NO_MEMORY;
    }
    err_t err = urpc_open(urpc, channel->memory, channel->size, channel->side);
    if (err != ERR_OK) {
        free(urpc);
        return err;
    }
    clients[client_count++] = urpc;
    channel->context = urpc;
    channel->ended = ended;
    channel->received = keep;
    return ERR_OK;
}

static void check(err_t err, const char *what) {
    if (err != ERR_OK) {
        die("%s: %s", what, err_doc(err));
    }
}

static void share(uint64_t lines) {
    while (commons->stop.leave == 0) {
        commons_update(commons, lines);
        cpu_pause(); /* a turn for each core after each update, or one would do a slice's worth of them alone */
    }
}

static void call(uint64_t lines) {
    struct urpc_message answer;
    while (commons->stop.leave == 0) {
        far_send(&server.urpc, FAR_UPDATE, lines);
        far_receive(&server.urpc, &answer);
        cpu_pause();
    }
}

static void update(struct urpc *from, uint64_t lines) {
    lines_update(own_lines, MIN(lines, (uint64_t)COMMONS_LINES));
    far_send(from, FAR_UPDATE, lines);
    if (served_left > 0 && --served_left == 0) {
        far_send(served_asker, FAR_SERVED, stamp_end() - served_began);
    }
}

static void serve_raw(struct urpc *from) {
    struct urpc_message message;
    far_send(from, FAR_RAW, 1);
    do {
        far_receive(from, &message);
        if (message.type == FAR_STAMP) {
            message.word[0] = stamp_arrive();
        }
        if (message.type != FAR_TAKE || message.word[0] == 1) {
            far_send_message(from, &message);
        }
    } while (message.type != FAR_RAW);
}

/* Lasting roles answer first, so that the asker can go on. */
static void act(struct urpc *from, const struct urpc_message *message) {
    uint64_t word = message->word[0];
    switch ((enum far_message)message->type) {
    case FAR_RAW:
        serve_raw(from);
        break;
    case FAR_ECHO:
    case FAR_STAMP:
    case FAR_TAKE:
        break;
    case FAR_UPDATE:
        update(from, word);
        break;
    case FAR_SERVED:
        served_left = word;
        served_asker = from;
        served_began = stamp_begin();
        break;
    case FAR_SHARE:
        far_send(from, FAR_SHARE, word);
        share(MIN(word, (uint64_t)COMMONS_LINES));
        break;
    case FAR_BIND:
        if (server.binding == NULL) {
            check(far_open((coreid_t)word, FAR_EXISTS, &server), "the server");
        }
        far_send(from, FAR_BIND, word);
        break;
    case FAR_CALL:
        far_send(from, FAR_CALL, word);
        call(word);
        break;
    case FAR_HOLD:
        far_send(from, FAR_HOLD, word);
        (void)event_wait(&channel_ended, 0);
        over = true;
        break;
    case FAR_POLL:
        polls = word == 1;
        far_send(from, FAR_POLL, word);
        break;
    case FAR_END:
        far_send(from, FAR_END, word);
        over = true;
        break;
    }
}

static bool serve_all(void) {
    bool any = false;
    for (unsigned i = 0; i < client_count; i++) {
        struct urpc_message message;
        if (urpc_receive(clients[i], &message) == ERR_OK) {
            any = true;
            act(clients[i], &message);
        }
    }
    return any;
}

void far_main(void) {
    char name[16];
    snprintf(name, sizeof(name), "bench-far-%u", domain_args()->core);
    check(commons_map(&commons), "commons");
    check(bind_export(name, accept), "service");
    while (!over) {
        if (!serve_all()) {
            if (!polls) {
                fibre_yield();
            }
            cpu_pause();
        }
    }
    if (server.binding != NULL) {
        bind_release(server.binding);
    }
}
